use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Service, product, retired, row, token};

#[tokio::test]
async fn what_was_met_most_often_comes_first_and_ties_go_by_sku() {
    let service = Service::knowing(&["A", "B", "C", "D", "M"]).await;
    for skus in [["M", "B"], ["B", "M"], ["M", "D"], ["M", "A"], ["C", "D"]] {
        service.fill(&skus).await;
    }
    let expected = [row("B", 2, "M"), row("A", 1, "M"), row("D", 1, "M")];
    assert_eq!(service.related("M").await, expected);
    let (_, answer) = service.get("/products/M/related?limit=1", None).await;
    let first = json!({"sku": "B", "name": "Product B", "carts": 2, "reason": "often bought with Product M"});
    assert_eq!(answer, json!({"sku": "M", "related": [first]}));
}

#[tokio::test]
async fn the_order_is_right_across_all_sizes_of_numbers() {
    let service = Service::knowing(&["M"]).await;
    let numbers = [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 70, 255, 256, 1023, 1024, 4095, 4096, 100_000];
    for (place, carts) in numbers.iter().enumerate() {
        // On both sides of "M".
        let sku = format!("{}{place:02}", if place % 2 == 0 { "A" } else { "Z" });
        service.take(&[product(&sku)]).await.unwrap();
        sqlx::query("INSERT INTO pairs (sku, other, carts) VALUES (least($1 COLLATE \"C\", 'M'), greatest($1 COLLATE \"C\", 'M'), $2)")
            .bind(&sku)
            .bind(carts)
            .execute(&service.pool)
            .await
            .unwrap();
    }
    for limit in [1, 5, 18] {
        let (_, answer) = service.get(&format!("/products/M/related?limit={limit}"), None).await;
        let found: Vec<i64> =
            answer["related"].as_array().unwrap().iter().map(|row| row["carts"].as_i64().unwrap()).collect();
        assert_eq!(
            found,
            numbers.iter().rev().take(limit).map(|carts| i64::from(*carts)).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn retired_and_unknown_products_are_left_out() {
    let service = Service::knowing(&["A", "B", "C"]).await;
    let cart = service.fill(&["A", "B", "C", "not told of yet"]).await.id;
    service.fill(&["B", "X"]).await;
    service.take(&[retired("B"), retired("never told of")]).await.unwrap();
    assert_eq!(service.related("A").await, [row("C", 1, "A")]);
    let other = service.fill(&["A"]).await;
    assert_eq!(service.suggestions(other.id).await, [row("C", 1, "A")]);
    // Sold again, in one batch with a change that is taken back.
    service.take(&[product("B"), product("C"), retired("C")]).await.unwrap();
    assert_eq!(service.related("A").await, [row("B", 1, "A")]);
    // A retired product still has relations of its own, for old carts.
    assert_eq!(service.related("C").await, [row("A", 1, "C"), row("B", 1, "C")]);
    assert_eq!(service.suggestions(cart).await, []);
}

#[tokio::test]
async fn nothing_is_related_to_what_nobody_knows() {
    let service = Service::open().await;
    for sku in ["nothing", "%00"] {
        assert_eq!(service.related(sku).await, []);
    }
}

#[tokio::test]
async fn a_cart_gets_suggestions_from_all_its_products_with_the_strongest_reason() {
    let service = Service::knowing(&["A", "B", "X", "Y"]).await;
    for skus in [["A", "X"], ["A", "X"], ["B", "X"], ["B", "Y"], ["B", "Y"]] {
        service.fill(&skus).await;
    }
    let cart = service.fill(&["A", "B"]).await.id;
    assert_eq!(service.suggestions(cart).await, [row("X", 3, "A"), row("Y", 2, "B")]);
    let (_, answer) = service.get(&format!("/carts/{cart}/suggestions?limit=1"), Some(&token(cart))).await;
    let first = json!({"sku": "X", "name": "Product X", "score": 3, "reason": "often bought with Product A"});
    assert_eq!(answer, json!({"suggestions": [first]}));
}

#[tokio::test]
async fn a_cart_opens_with_its_own_token_only_and_a_guessed_id_tells_nothing() {
    let service = Service::open().await;
    let known = service.fill(&["A"]).await.id;
    let unheard_of = Uuid::new_v4();
    for cart in [known, unheard_of] {
        let path = format!("/carts/{cart}/suggestions");
        assert_eq!(service.get(&path, None).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(service.get(&path, Some(&token(cart))).await.0, StatusCode::OK);
    }
    let refusal = async |cart: Uuid| {
        service.get(&format!("/carts/{cart}/suggestions"), Some(&token(Uuid::new_v4()))).await
    };
    let (status, problem) = refusal(known).await;
    assert_eq!((status, &problem["title"]), (StatusCode::NOT_FOUND, &json!("unknown cart")));
    assert_eq!(refusal(unheard_of).await, (status, problem));
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let service = Service::open().await;
    let cart = Uuid::new_v4();
    for query in ["limit=0", "limit=51", "limit=-1", "limit=ten"] {
        for path in [format!("/products/A/related?{query}"), format!("/carts/{cart}/suggestions?{query}")] {
            let (status, problem) = service.get(&path, Some(&token(cart))).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {problem}");
        }
    }
}

/// A quarter of the two million that a shop with 4,000 products comes to: enough to show a plan that reads them all.
#[tokio::test]
async fn answers_stay_quick_with_half_a_million_pairs() {
    let service = Service::open().await;
    sqlx::raw_sql(
        "INSERT INTO products SELECT lpad(n::text, 4, '0'), 'Product ' || lpad(n::text, 4, '0'), false
         FROM generate_series(1, 2000) AS n;
         INSERT INTO pairs (sku, other, carts)
         SELECT lpad(a::text, 4, '0'), lpad(b::text, 4, '0'), 1 + 1000000 / (a * b + 1000)
         FROM generate_series(1, 2000) AS a, generate_series(a + 1, 2000) AS b
         WHERE (a * 7919 + b * 104729) % 4 = 0;
         ANALYZE",
    )
    .execute(&service.pool)
    .await
    .unwrap();
    let cart = service
        .fill(
            &(1..=20)
                .map(|place| format!("{:04}", place * 90))
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        )
        .await
        .id;
    let mut slowest = (Duration::ZERO, Duration::ZERO);
    for round in 0..30 {
        let start = Instant::now();
        assert_eq!(service.related(&format!("{:04}", 1 + 60 * round)).await.len(), 10);
        slowest.0 = slowest.0.max(start.elapsed());
        let start = Instant::now();
        assert_eq!(service.suggestions(cart).await.len(), 10);
        slowest.1 = slowest.1.max(start.elapsed());
    }
    println!("the slowest: related {:?}, suggestions {:?}", slowest.0, slowest.1);
    assert!(slowest.0 < Duration::from_millis(500) && slowest.1 < Duration::from_secs(1), "{slowest:?}");
}
