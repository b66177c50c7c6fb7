use events::inventory::StockChanged;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Shop, added, problem_name};

#[tokio::test]
async fn stock_is_public_and_an_unknown_sku_is_a_problem() {
    let shop = Shop::with(&[("cup", 5)]).await;
    shop.take(&[added(Uuid::new_v4(), "cup", 2, 2)]).await.unwrap();
    let expected = json!({"sku": "cup", "on_hand": 5, "held": 2, "available": 3, "availability": "in-stock"});
    assert_eq!(shop.get("/stock/cup").await, (StatusCode::OK, expected));
    assert_eq!(shop.send_without_key(Method::GET, "/stock/cup").await, StatusCode::OK);
    for (path, status, name) in [
        ("/stock/jug", StatusCode::NOT_FOUND, "unknown-sku"),
        ("/stock/nul%00", StatusCode::BAD_REQUEST, "unfitting-path"),
        ("/stock/two%20words", StatusCode::BAD_REQUEST, "unfitting-path"),
    ] {
        let (answered, problem) = shop.get(path).await;
        assert_eq!((answered, problem_name(&problem)), (status, name.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn an_import_sets_what_can_be_promised_and_leaves_holds_alone() {
    let shop = Shop::with(&[("cup", 5), ("jug", 7)]).await;
    let cart = Uuid::new_v4();
    shop.take(&[added(cart, "cup", 4, 4)]).await.unwrap();
    let list = json!([{"sku": "cup", "available": 0}, {"sku": "pot", "available": 2}]);
    assert_eq!(shop.import(&list).await, (StatusCode::OK, json!({"changed": 2, "cut_lines": 0})));
    assert_eq!(shop.stock("cup").await, (4, 4));
    assert_eq!(shop.stock("pot").await, (2, 0));
    assert_eq!(shop.stock("jug").await, (7, 0), "not in the list");
    assert_eq!(shop.hold(cart, "cup").await, Some((4, 4)));
    let changed = shop.published_of::<StockChanged>().await.split_off(2);
    let cup = StockChanged { sku: "cup".into(), on_hand: 4, available: 0 };
    assert_eq!(changed, [cup, StockChanged { sku: "pot".into(), on_hand: 2, available: 2 }]);
}

#[tokio::test]
async fn the_same_import_again_changes_nothing_and_publishes_nothing() {
    let shop = Shop::open().await;
    let list = json!([{"sku": "cup", "available": 5}, {"sku": "jug", "available": 7}]);
    assert_eq!(shop.import(&list).await.1, json!({"changed": 2, "cut_lines": 0}));
    assert_eq!(shop.import(&list).await.1, json!({"changed": 0, "cut_lines": 0}));
    assert_eq!(shop.published().await.len(), 2);
}

#[tokio::test]
async fn an_import_with_a_wrong_entry_is_refused_whole_and_the_entry_is_named() {
    let shop = Shop::open().await;
    let entry = |sku: &str, available: Value| json!({"sku": sku, "available": available});
    let first = entry("cup", json!(5));
    for (wrong, kind, named) in [
        (entry("cup", json!(6)), "duplicate-sku", "Entry 1, 'cup'"),
        (entry("jug", json!(-1)), "wrong-quantity", "Entry 1, 'jug'"),
        (entry("jug", json!(1_000_000_001)), "wrong-quantity", "Entry 1, 'jug'"),
        (entry("two words", json!(1)), "unfitting-body", "at '[1].sku': an SKU has"),
        (entry("jug", json!(1.5)), "unfitting-body", "[1].available"),
    ] {
        let (status, problem) = shop.import(&json!([first, wrong])).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert_eq!(problem_name(&problem), kind);
        assert!(problem["detail"].as_str().unwrap().contains(named), "{problem}");
    }
    assert_eq!(shop.get("/stock/cup").await.0, StatusCode::NOT_FOUND, "nothing was changed");
}

#[tokio::test]
async fn an_import_takes_ten_thousand_entries_of_the_longest_kind_and_no_more() {
    let shop = Shop::open().await;
    let entry = |i: usize| json!({"sku": format!("{i:\"<64}"), "available": 1_000_000_000});
    let list: Vec<Value> = (0..10_000).map(entry).collect();
    assert_eq!(shop.import(&json!(list)).await, (StatusCode::OK, json!({"changed": 10_000, "cut_lines": 0})));
    let list: Vec<Value> = (0..10_001).map(entry).collect();
    let (status, problem) = shop.import(&json!(list)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem_name(&problem), "too-many-entries");
}

#[tokio::test]
async fn only_operators_may_import_receive_and_read_the_history() {
    let shop = Shop::open().await;
    let cart = "00000000-0000-4000-8000-000000000000";
    let hold = format!("/stock/cup/holds/{cart}?reason=x");
    for (method, path) in [
        (Method::PUT, "/stock"),
        (Method::PUT, "/stock.csv"),
        (Method::GET, "/stock.csv"),
        (Method::POST, "/receipts"),
        (Method::GET, "/receipts"),
        (Method::POST, "/adjustments"),
        (Method::GET, "/stock/cup/movements"),
        (Method::GET, "/stock/cup/holds"),
        (Method::DELETE, hold.as_str()),
    ] {
        assert_eq!(shop.send_without_key(method, path).await, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn every_route_is_described() {
    let shop = Shop::open().await;
    let (_, description) = shop.get("/openapi.json").await;
    let paths = description["paths"].as_object().unwrap();
    let of_every_service = ["/audit", "/dead-letters", "/parked", "/timers"];
    let is_own = |path: &&String| !of_every_service.iter().any(|route| path.starts_with(route));
    let own: Vec<_> = paths.keys().filter(is_own).collect();
    assert_eq!(
        own,
        [
            "/adjustments",
            "/receipts",
            "/stock",
            "/stock.csv",
            "/stock/{sku}",
            "/stock/{sku}/holds",
            "/stock/{sku}/holds/{id}",
            "/stock/{sku}/movements"
        ]
    );
    let parameters = description["paths"]["/receipts"]["get"]["parameters"].as_array().unwrap();
    let names: Vec<&Value> = parameters.iter().map(|parameter| &parameter["name"]).collect();
    assert_eq!(names, ["after", "limit"]);
}
