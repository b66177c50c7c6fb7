use std::collections::{BTreeMap, BTreeSet};

use events::catalog::ProductChanged;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Catalog, problem_name, product};

fn products(number: i64, amount: i64) -> Vec<Value> {
    (0..number).map(|place| product(&format!("{place:05}"), &format!("Product {place}"), amount)).collect()
}

#[tokio::test]
async fn an_import_publishes_what_is_new_or_changed() {
    let catalog = Catalog::open().await;
    let first = [product("A", "Lantern", 255), product("B", "Mug", 100)];
    assert_eq!(catalog.import(&first).await, (StatusCode::OK, json!({"changed": 2, "unchanged": 0})));
    let second = [product("C", "Bowl", 300), product("B", "Mug", 90), product("A", "Lantern", 255)];
    assert_eq!(catalog.import(&second).await, (StatusCode::OK, json!({"changed": 2, "unchanged": 1})));
    let published: Vec<(String, i64)> = catalog
        .published_of::<ProductChanged>()
        .await
        .into_iter()
        .map(|event| (event.sku, event.price.amount))
        .collect();
    assert_eq!(published, [("A".into(), 255), ("B".into(), 100), ("C".into(), 300), ("B".into(), 90)]);
}

#[tokio::test]
async fn an_import_with_one_bad_entry_names_it_and_writes_nothing() {
    let catalog = Catalog::open().await;
    let mut no_currency = product("B", "Mug", 100);
    no_currency["price"]["currency"] = json!("pounds");
    for (bad, place) in [
        (product("B", "", 100), "[1].name"),
        (product("B", "Mug", -1), "[1].price.amount"),
        (product("", "Mug", 1), "[1].sku"),
        (product("A", "Mug", 1), "[1].sku: 'A' is at [0] too"),
        (no_currency, "[1].price.currency"),
    ] {
        let (status, problem) = catalog.import(&[product("A", "Lantern", 255), bad]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(problem["detail"].as_str().unwrap().contains(place), "{problem}");
    }
    assert_eq!(catalog.listed("").await, Vec::<String>::new());
    assert_eq!(catalog.published().await.len(), 0);
}

#[tokio::test]
async fn every_bad_entry_of_an_import_is_named() {
    let catalog = Catalog::open().await;
    let entries = [product("import", "Mug", 1), product("A", "Lantern", 255), product("C", "Mug", -1)];
    let (status, problem) = catalog.import(&entries).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["field"], "[0].sku");
    assert_eq!(
        [&problem["errors"][0]["field"], &problem["errors"][1]["field"]],
        ["[0].sku", "[2].price.amount"]
    );
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_import_takes_ten_thousand_products_and_not_one_more() {
    let catalog = Catalog::open().await;
    let (status, problem) = catalog.import(&products(10_001, 1)).await;
    assert_eq!(
        (status, problem_name(&problem)),
        (StatusCode::UNPROCESSABLE_ENTITY, "too-many-products".to_owned())
    );
    let (status, answer) = catalog.import(&products(10_000, 1)).await;
    assert_eq!((status, &answer["changed"]), (StatusCode::OK, &json!(10_000)), "{answer}");
    assert_eq!(catalog.import(&[]).await, (StatusCode::OK, json!({"changed": 0, "unchanged": 0})));
}

#[tokio::test]
async fn of_four_thousand_products_only_those_that_changed_are_published() {
    let catalog = Catalog::open().await;
    for (amount, changed) in [(1, 4000), (2, 4000), (2, 0)] {
        let products = products(4000, amount);
        let (_, answer) = catalog.import(&products).await;
        assert_eq!(answer["changed"], changed);
    }
    assert_eq!(catalog.published().await.len(), 8000);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_equal_imports_at_once_each_product_is_published_once() {
    let catalog = Catalog::open().await;
    let products = products(200, 1);
    let answers = imported_at_once(&catalog, &vec![products; 8]).await;
    assert_eq!(answers.iter().map(|answer| answer["changed"].as_u64().unwrap()).sum::<u64>(), 200);
    assert_eq!(catalog.published().await.len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_at_once_publish_each_product_in_the_order_of_its_changes() {
    let catalog = Catalog::open().await;
    for round in 0..5 {
        let mut imports: Vec<Vec<Value>> =
            (0..8).map(|number| products(100, 10 * round + number % 3)).collect();
        imports[0].reverse();
        imports[5].reverse();
        imported_at_once(&catalog, &imports).await;
    }

    let mut last: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for event in catalog.published().await {
        let price = event.read::<ProductChanged>().unwrap().unwrap().price.amount;
        let (sequence, before) = last.insert(event.subject, (event.sequence, price)).unwrap_or((0, -1));
        assert_eq!(event.sequence, sequence + 1);
        assert_ne!(price, before, "published without a change");
    }
    let published: BTreeSet<(String, i64)> = last.into_iter().map(|(sku, (_, price))| (sku, price)).collect();
    let kept: Vec<(String, i64)> =
        sqlx::query_as("SELECT sku, amount FROM products").fetch_all(&catalog.pool).await.unwrap();
    assert_eq!(published, kept.into_iter().collect::<BTreeSet<_>>());
}

async fn imported_at_once(catalog: &Catalog, imports: &[Vec<Value>]) -> Vec<Value> {
    let mut requests = tokio::task::JoinSet::new();
    for import in imports {
        let (catalog, import) = (catalog.clone(), import.clone());
        requests.spawn(async move { catalog.import(&import).await });
    }
    let mut answers = Vec::new();
    for (status, answer) in requests.join_all().await {
        assert_eq!(status, StatusCode::OK, "{answer}");
        answers.push(answer);
    }
    answers
}
