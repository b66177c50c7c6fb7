//! The stock of many products in one answer.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Shop, added, problem_name};

#[tokio::test]
async fn a_hundred_products_are_read_at_once_and_again_only_when_something_is_different() {
    let skus: Vec<String> = (100..199).map(|number| format!("A{number}")).collect();
    let shop = Shop::with(&skus.iter().map(|sku| (sku.as_str(), 3)).collect::<Vec<_>>()).await;
    let query: Vec<String> = skus.iter().map(|sku| format!("sku={sku}")).collect();
    let url = format!("{}/stock?{}&sku=NONE", shop.url(), query.join("&"));
    let get = async |tag: &str| Client::new().get(&url).header("if-none-match", tag).send().await.unwrap();
    let first = get("\"other\"").await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.headers()["cache-control"], "public, max-age=2");
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let answer: Value = first.json().await.unwrap();
    assert_eq!((answer["stock"].as_array().unwrap().len(), &answer["unknown"]), (99, &json!(["NONE"])));
    assert_eq!(
        answer["stock"][0],
        json!({"sku": "A100", "on_hand": 3, "held": 0, "available": 3, "availability": "in-stock"})
    );
    let again = get(&tag).await;
    assert_eq!(
        (again.status(), again.headers()["etag"].to_str().unwrap()),
        (StatusCode::NOT_MODIFIED, tag.as_str())
    );
    assert_eq!(again.text().await.unwrap(), "");
    shop.take(&[added(Uuid::new_v4(), "A150", 1, 1)]).await.unwrap();
    assert_eq!(get(&tag).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_query_that_does_not_fit_is_refused() {
    let shop = Shop::open().await;
    let many = vec!["sku=A"; 101].join("&");
    for query in ["", "?skus=A", "?sku=two+words", &format!("?{many}")] {
        let (status, problem) = shop.get(&format!("/stock{query}")).await;
        assert_eq!(
            (status, problem_name(&problem)),
            (StatusCode::BAD_REQUEST, "unfitting-query".to_owned()),
            "{query}"
        );
    }
}
