use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Catalog, problem_name};

fn amounts(history: &Value) -> Vec<i64> {
    history["prices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|price| price["price"]["amount"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_product_has_a_history_of_its_prices() {
    let catalog = Catalog::open().await;
    for (name, amount) in [("Lantern", 255), ("Lantern", 300), ("White lantern", 300), ("White lantern", 255)]
    {
        catalog.put("A", name, amount).await;
    }
    catalog.retire("A").await;
    let (_, history) = catalog.get("/products/A/prices").await;
    assert_eq!(amounts(&history), [255, 300, 255], "a new name is no new price");
    let since = history["prices"][0]["since"].as_str().unwrap();
    let (_, older) = catalog.get(&format!("/products/A/prices?limit=1&before={since}")).await;
    assert_eq!(amounts(&older), [300]);
}

#[tokio::test]
async fn a_product_that_there_is_not_has_no_prices() {
    let catalog = Catalog::open().await;
    let (status, problem) = catalog.get("/products/A/prices").await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::NOT_FOUND, "unknown-sku".to_owned()));
    let (status, problem) = catalog.get("/products/A/prices?limit=0").await;
    assert_eq!((status, &problem["field"]), (StatusCode::BAD_REQUEST, &json!("limit")));
}
