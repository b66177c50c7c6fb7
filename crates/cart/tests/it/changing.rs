//! What can be done with a cart, beside adding.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Shop, of, quantities};

#[tokio::test]
async fn many_items_are_added_in_one_request_all_or_none() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.sell("cup", 250, "EUR").await;
    let item = |sku: &str, quantity: i64| json!({"sku": sku, "quantity": quantity});
    let items = json!({"items": [item("pen", 2), item("cup", 1), item("pen", 3)]});
    let answer = shop.change(Method::POST, &cart, "/items/batch", Some(items)).await;
    assert_eq!(quantities(&answer["cart"]["lines"]), of(&[("pen", 5), ("cup", 1)]));
    assert!(answer["results"].as_array().unwrap().iter().all(|result| result["added"] == true));

    let bad = json!({"items": [item("pen", 1), item("mug", 1)]});
    let (status, problem) = shop.send(Method::POST, &cart, "/items/batch", Some(bad.clone())).await;
    assert_eq!(
        (status, &problem["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"items[1]".into()),
        "{problem}"
    );
    assert_eq!(quantities(&shop.shown(&cart).await["lines"]), of(&[("pen", 5), ("cup", 1)]), "nothing of it");

    let mut each = bad;
    each["mode"] = "each".into();
    let answer = shop.change(Method::POST, &cart, "/items/batch", Some(each)).await;
    assert_eq!(quantities(&answer["cart"]["lines"]), of(&[("pen", 6), ("cup", 1)]));
    let results = &answer["results"];
    assert_eq!((&results[0]["added"], &results[1]["added"]), (&true.into(), &false.into()));
    assert_eq!(results[1]["problem"], "/problems/unknown-sku");
    assert_eq!(shop.event_types(&cart).await, ["item-added"; 4], "an event for each line");
}

#[tokio::test]
async fn one_request_adds_at_most_two_hundred_items_and_not_none() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    let items = |number: usize| Some(json!({"items": vec![json!({"sku": "pen", "quantity": 1}); number]}));
    for number in [0, 201] {
        let refused = shop.refused(Method::POST, &cart, "/items/batch", items(number)).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "too-many-items".to_owned()), "{number}");
    }
    shop.change(Method::POST, &cart, "/items/batch", items(200)).await;
    assert_eq!(quantities(&shop.shown(&cart).await["lines"]), of(&[("pen", 200)]));
}

#[tokio::test]
async fn a_line_is_put_saved_brought_back_and_all_are_cleared() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.sell("cup", 250, "EUR").await;
    shop.put(&cart, "pen", 2).await;
    shop.put(&cart, "cup", 1).await;
    shop.put(&cart, "pen", 4).await;
    let saved = shop.change(Method::POST, &cart, "/items/pen/save", None).await;
    assert_eq!(quantities(&saved["lines"]), of(&[("cup", 1)]));
    assert_eq!((quantities(&saved["saved"]), &saved["total"]["amount"]), (of(&[("pen", 4)]), &250.into()));
    let shown = shop.shown(&cart).await;
    assert_eq!(
        (&shown["lines"], &shown["saved"]),
        (&saved["lines"], &saved["saved"]),
        "also in the database"
    );
    let back = shop.change(Method::POST, &cart, "/saved/pen/move-back", None).await;
    assert_eq!(quantities(&back["lines"]), of(&[("cup", 1), ("pen", 4)]));
    shop.change(Method::POST, &cart, "/items/pen/save", None).await;
    let cleared = shop.change(Method::DELETE, &cart, "/items", None).await;
    assert_eq!((&cleared["lines"], quantities(&cleared["saved"])), (&json!([]), of(&[("pen", 4)])));
    shop.change(Method::DELETE, &cart, "/saved/pen", None).await;
    assert_eq!(shop.shown(&cart).await["saved"], json!([]));
    let not_saved = shop.refused(Method::POST, &cart, "/saved/pen/move-back", None).await;
    assert_eq!(not_saved, (StatusCode::NOT_FOUND, "not-saved".to_owned()));
}

#[tokio::test]
async fn a_note_and_a_lines_own_fields_are_kept_and_bounded() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 1).await;
    let fields = json!({"engraving": "Für Ann", "gift": ""});
    let path = "/items/pen/fields";
    shop.change(Method::PUT, &cart, path, Some(json!({"fields": fields}))).await;
    shop.change(Method::PUT, &cart, "/note", Some(json!({"note": "Please\nring twice."}))).await;
    shop.put(&cart, "pen", 3).await;
    let shown = shop.shown(&cart).await;
    assert_eq!((&shown["lines"][0]["fields"], &shown["note"]), (&fields, &"Please\nring twice.".into()));
    shop.change(Method::PUT, &cart, "/note", Some(json!({"note": null}))).await;
    assert_eq!(shop.shown(&cart).await["note"], json!(null));
    let many: serde_json::Map<_, _> = (0..21).map(|number| (format!("f{number}"), "x".into())).collect();
    for bad in [json!(many), json!({"Capital": "x"}), json!({"a": "x".repeat(201)}), json!({"a": "\u{0}"})] {
        let refused = shop.refused(Method::PUT, &cart, path, Some(json!({"fields": bad}))).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "unfitting-body".to_owned()), "{bad}");
    }
    let note = Some(json!({"note": "x".repeat(1001)}));
    assert_eq!(shop.refused(Method::PUT, &cart, "/note", note).await.1, "unfitting-body");
}

#[tokio::test]
async fn a_deleted_cart_is_gone_and_says_so() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 1).await;
    let shopper = json!({"email": "ann@example.test"});
    shop.change(Method::PUT, &cart, "/shopper", Some(shopper)).await;
    shop.change(Method::DELETE, &cart, "", None).await;
    for (method, path) in [(Method::GET, ""), (Method::DELETE, ""), (Method::DELETE, "/items")] {
        assert_eq!(
            shop.refused(method, &cart, path, None).await,
            (StatusCode::GONE, "cart-ended".to_owned())
        );
    }
    assert_eq!(shop.event_types(&cart).await.last().unwrap(), "deleted");
    for table in ["lines", "shoppers"] {
        let left = format!("SELECT count(*) FROM {table}");
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(left)).fetch_one(&shop.pool).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    assert_eq!(shop.refused(Method::POST, &cart, "/reopen", None).await.0, StatusCode::GONE);
}

#[tokio::test]
async fn the_view_is_the_fold_of_the_events_whatever_was_done() {
    let shop = Shop::open(&[]).await;
    let (cart, other) = (shop.cart().await, shop.cart().await);
    for (number, sku) in ["cup", "mug", "pot"].into_iter().enumerate() {
        shop.sell(sku, 100 + i64::try_from(number).unwrap(), "EUR").await;
        shop.put(&cart, sku, 1).await;
        shop.put(&other, sku, 2).await;
    }
    shop.sell("cup", 999, "EUR").await;
    shop.put(&cart, "pen", 1).await;
    shop.change(Method::POST, &cart, "/items/mug/save", None).await;
    shop.change(Method::PUT, &other, "/items/pot/fields", Some(json!({"fields": {"a": "b"}}))).await;
    shop.change(Method::PUT, &other, "/note", Some(json!({"note": "ring"}))).await;
    let add = json!({"sku": "cup", "quantity": 1});
    shop.change(Method::POST, &cart, "/items", Some(add)).await;
    let merge = json!({"cart_id": other.id, "token": other.token});
    shop.change(Method::POST, &cart, "/merge", Some(merge)).await;
    let before = shop.shown(&cart).await;
    cart::refold(&shop.pool).await.unwrap();
    assert_eq!(shop.shown(&cart).await, before);
    assert_eq!(shop.refused(Method::GET, &other, "", None).await.0, StatusCode::GONE);
}
