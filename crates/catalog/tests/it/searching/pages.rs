use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Catalog, product, skus};

/// All pages, with something written before each but the first.
async fn pages(catalog: &Catalog, query: &str, meanwhile: impl AsyncFn(usize)) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), String::new());
    for number in 0.. {
        if number > 0 {
            meanwhile(number).await;
        }
        let page = catalog.search(&format!("limit=3&{query}{after}")).await;
        found.extend(skus(&page));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    found
}

fn lanterns() -> Vec<Value> {
    (0..10)
        .map(|number| {
            product(&format!("L{number}"), &format!("Lantern {}", 9 - number), 100 + 10 * (number % 4))
        })
        .collect()
}

#[tokio::test]
async fn products_come_in_the_order_that_was_asked_for() {
    let catalog = Catalog::open().await;
    for (sku, name, amount) in
        [("C", "Zinc lantern", 300), ("B", "lantern", 100), ("A", "Árbol lantern", 300)]
    {
        catalog.put(sku, name, amount).await;
    }
    for (sort, expected) in [
        ("relevance", ["B", "A", "C"]),
        ("price", ["B", "A", "C"]),
        ("price-descending", ["A", "C", "B"]),
        ("name", ["A", "B", "C"]),
        ("newest", ["A", "B", "C"]),
    ] {
        assert_eq!(catalog.found(&format!("q=lantern&sort={sort}")).await, expected, "{sort}");
    }
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat_while_products_come_go_and_change() {
    for sort in ["relevance", "price", "price-descending", "name", "newest"] {
        for query in ["q=lantern", "q=lantren", "q=lantern%20zebra", ""] {
            let catalog = Catalog::with(&lanterns()).await;
            let meanwhile = async |number: usize| {
                // Some that sort before and behind everything, some that go, and new words.
                catalog.put(&format!("A{number}"), "Lantern", 1).await;
                catalog.put(&format!("Z{number}"), "Zebra lantern lantren", 100_000).await;
                catalog.retire(&format!("A{}", number - 1)).await;
            };
            let found = pages(&catalog, &format!("{query}&sort={sort}"), meanwhile).await;
            let mut stayed: Vec<&String> = found.iter().filter(|sku| sku.starts_with('L')).collect();
            stayed.sort();
            let all: Vec<String> = (0..10).map(|number| format!("L{number}")).collect();
            assert_eq!(stayed, all.iter().collect::<Vec<_>>(), "{query} by {sort}: {found:?}");
        }
    }
}

#[tokio::test]
async fn a_page_belongs_to_its_search() {
    let catalog = Catalog::with(&lanterns()).await;
    let next = catalog.search("q=lantern&limit=3").await["next"].as_str().unwrap().to_owned();
    for (query, status) in [
        ("q=lantern&limit=5&facets=true", StatusCode::OK),
        ("q=candle", StatusCode::BAD_REQUEST),
        ("q=lantern&sort=price", StatusCode::BAD_REQUEST),
        ("q=lantern&price_to=100", StatusCode::BAD_REQUEST),
    ] {
        let (answered, answer) = catalog.get(&format!("/products/search?{query}&after={next}")).await;
        assert_eq!(answered, status, "{query}: {answer}");
    }
    assert_eq!(catalog.search(&format!("q=lantern&after={next}")).await["total"], json!(10));
}

/// Somebody asks for more than a text can say.
#[tokio::test]
async fn an_end_that_no_text_leads_to_is_refused() {
    let catalog = Catalog::with(&lanterns()).await;
    let next = catalog.search("q=lantern&limit=3").await["next"].as_str().unwrap().to_owned();
    let end: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(next).unwrap()).unwrap();
    let status = async |pattern: Value, times: usize| {
        let mut end = end.clone();
        end["question"]["t"][0]["r"] = json!([{"p": [pattern], "q": 100}]);
        end["question"]["t"] = vec![end["question"]["t"][0].clone(); times].into();
        let after = BASE64_URL_SAFE_NO_PAD.encode(end.to_string());
        catalog.get(&format!("/products/search?q=lantern&after={after}")).await.0
    };
    assert_eq!(status(json!({"x": "la", "b": true}), 1).await, StatusCode::OK);
    assert_eq!(status(json!({"x": "l", "b": true}), 1).await, StatusCode::BAD_REQUEST);
    assert_eq!(status(json!({"x": "la", "b": true}), 13).await, StatusCode::BAD_REQUEST);
}
