use events::catalog::{ProductChanged, ProductRetired};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Catalog, problem_name};

#[tokio::test]
async fn a_product_that_is_put_is_there_and_is_published() {
    let catalog = Catalog::open().await;
    let body = json!({"name": " White lantern ", "description": "Of tin.\n", "price": {"amount": 255, "currency": "GBP"}});
    let (status, answer) = catalog.send(Method::PUT, "/products/85123A", Some(&body)).await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!({"sku": "85123A", "name": "White lantern", "description": "Of tin.",
                          "price": {"amount": 255, "currency": "GBP"}, "retired": false});
    assert_eq!(answer, expected);
    assert_eq!(catalog.get("/products/85123A").await, (StatusCode::OK, expected));

    let published = catalog.published().await;
    assert_eq!(published.len(), 1);
    let event: ProductChanged = published[0].read().unwrap().unwrap();
    assert_eq!((event.sku.as_str(), event.name.as_str()), ("85123A", "White lantern"));
    assert_eq!((event.description.as_deref(), event.price.amount), (Some("Of tin."), 255));
    assert_eq!(
        (published[0].source.as_str(), published[0].subject.as_str()),
        ("/catalog/products", "85123A")
    );
    assert_eq!((published[0].sequence, published[0].cause.correlation_id.as_str()), (1, "a test"));
}

#[tokio::test]
async fn only_a_real_change_is_published() {
    let catalog = Catalog::open().await;
    catalog.put("A", "Lantern", 255).await;
    catalog.put("A", " Lantern ", 255).await;
    assert_eq!(catalog.published().await.len(), 1);
    catalog.put("A", "Lantern", 256).await;
    let sequences: Vec<i64> = catalog.published().await.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [1, 2]);
}

#[tokio::test]
async fn a_product_is_retired_once_and_can_still_be_read() {
    let catalog = Catalog::open().await;
    catalog.put("A", "Lantern", 255).await;
    assert_eq!(catalog.retire("A").await.0, StatusCode::NO_CONTENT);
    assert_eq!(catalog.retire("A").await.0, StatusCode::NO_CONTENT);
    assert_eq!(catalog.published_of::<ProductRetired>().await, [ProductRetired { sku: "A".into() }]);
    let (status, product) = catalog.get("/products/A").await;
    assert_eq!(
        (status, &product["retired"], &product["name"]),
        (StatusCode::OK, &json!(true), &json!("Lantern"))
    );
    assert_eq!(catalog.listed("").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_retired_product_that_is_put_again_is_sold_again() {
    let catalog = Catalog::open().await;
    catalog.put("A", "Lantern", 255).await;
    catalog.retire("A").await;
    catalog.put("A", "Lantern", 255).await;
    let kinds: Vec<String> = catalog.published().await.into_iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        ["catalog.product-changed.v1", "catalog.product-retired.v1", "catalog.product-changed.v1"]
    );
    assert_eq!(catalog.listed("").await, ["A"]);
}

#[tokio::test]
async fn what_never_was_can_not_be_retired() {
    let catalog = Catalog::open().await;
    for (sku, status, name) in [
        ("A", StatusCode::NOT_FOUND, "unknown-sku"),
        ("%C3%A9", StatusCode::BAD_REQUEST, "unfitting-path"),
        ("%00", StatusCode::BAD_REQUEST, "unfitting-path"),
    ] {
        let (answered, problem) = catalog.retire(sku).await;
        assert_eq!((answered, problem_name(&problem)), (status, name.to_owned()), "{sku}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_by_field_and_nothing_is_written() {
    let catalog = Catalog::open().await;
    let price = json!({"amount": 255, "currency": "GBP"});
    let bodies = [
        ("unfitting-body", "at 'name': a product's name has 1 to 200", json!({"name": " ", "price": price})),
        (
            "invalid-product",
            "price.amount:",
            json!({"name": "x", "price": {"amount": -1, "currency": "GBP"}}),
        ),
        ("unfitting-body", "price.currency", json!({"name": "x", "price": {"amount": 1, "currency": "XQQ"}})),
        ("unfitting-body", "price.amount", json!({"name": "x", "price": {"amount": 1.5, "currency": "GBP"}})),
        ("unfitting-body", "price", json!({"name": "x"})),
    ];
    for (expected, field, body) in bodies {
        let (status, problem) = catalog.send(Method::PUT, "/products/A", Some(&body)).await;
        assert_eq!(
            (status, problem_name(&problem)),
            (StatusCode::UNPROCESSABLE_ENTITY, expected.to_owned()),
            "{problem}"
        );
        assert!(problem["detail"].as_str().unwrap().contains(field), "{problem}");
    }
    let (status, problem) = catalog.put("two%20words", "x", 1).await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::BAD_REQUEST, "unfitting-path".to_owned()));
    assert_eq!(catalog.published().await.len(), 0);
}

#[tokio::test]
async fn writing_needs_the_operators_key() {
    let catalog = Catalog::open().await;
    catalog.put("A", "Lantern", 255).await;
    for (method, path) in
        [(Method::PUT, "/products/A"), (Method::DELETE, "/products/A"), (Method::POST, "/products/import")]
    {
        assert_eq!(catalog.send_without_key(method, path).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(catalog.send_without_key(Method::GET, "/products/A").await, StatusCode::OK);
}
