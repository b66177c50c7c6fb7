use reqwest::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use reqwest::{Client, Response, StatusCode};
use serde_json::json;

use crate::support::{Catalog, problem_name, product};

async fn get(catalog: &Catalog, path: &str, known: &str) -> Response {
    let url = format!("{}{path}", catalog.rest_api.url);
    Client::new().get(url).header(IF_NONE_MATCH, known).send().await.unwrap()
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again_until_it_changes() {
    let catalog = Catalog::with(&[product("A", "Lantern", 255), product("B", "Mug", 1)]).await;
    let paths = [
        "/products/A",
        "/products",
        "/products?sku=A",
        "/products/search?q=lantern&facets=true",
        "/products/A/prices",
    ];
    for (path, amount) in paths.into_iter().zip(1..) {
        let first = get(&catalog, path, "").await;
        assert_eq!(first.status(), StatusCode::OK, "{path}");
        assert_eq!(first.headers()[CACHE_CONTROL], "public, max-age=30", "{path}");
        let tag = first.headers()[ETAG].to_str().unwrap().to_owned();
        let second = get(&catalog, path, &tag).await;
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(second.headers()[ETAG], tag, "{path}");
        assert_eq!(second.bytes().await.unwrap().len(), 0);
        catalog.put("A", "Lantern", amount).await;
        assert_eq!(get(&catalog, path, &tag).await.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_problem_is_not_kept() {
    let catalog = Catalog::open().await;
    let answer = get(&catalog, "/products/A", "*").await;
    assert_eq!((answer.status(), answer.headers().get(ETAG)), (StatusCode::NOT_FOUND, None));
}

#[tokio::test]
async fn many_products_are_read_at_once_in_the_order_asked_for() {
    let catalog = Catalog::with(&["A", "B", "C"].map(|sku| product(sku, "Mug", 1))).await;
    catalog.retire("B").await;
    assert_eq!(catalog.listed("sku=C&sku=B&sku=nothing&sku=A").await, ["C", "B", "A"]);
    let many = vec!["sku=A"; 101].join("&");
    for query in [many.as_str(), "sku=A&q=mug", "sku=A&after=A", "sku=", "sku=A&sku=two%20words"] {
        let (status, problem) = catalog.get(&format!("/products?{query}")).await;
        let type_of_problem =
            if query.contains("=A&") && !query.contains("=A&sku") { "conflicting" } else { "unfitting" };
        assert_eq!(
            (status, problem_name(&problem)),
            (StatusCode::BAD_REQUEST, format!("{type_of_problem}-query")),
            "{query}"
        );
        assert!(problem["field"].as_str().unwrap().starts_with("sku"), "{problem}");
    }
    assert_eq!(catalog.get(&format!("/products?{}", &many[6..])).await.1["next"], json!(null));
}
