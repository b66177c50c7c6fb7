//! A guest's cart that becomes part of another one.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Cart, Shop, of, quantities};

fn all_of(guest: &Cart) -> Value {
    json!({"cart_id": guest.id, "token": guest.token})
}

async fn prepared() -> (Shop, Cart, Cart) {
    let shop = Shop::open(&["--line-limit", "10"]).await;
    shop.sell("cup", 100, "EUR").await;
    let (cart, guest) = (shop.cart().await, shop.cart().await);
    shop.put(&cart, "pen", 2).await;
    shop.put(&guest, "cup", 1).await;
    shop.put(&guest, "pen", 3).await;
    (shop, cart, guest)
}

#[tokio::test]
async fn quantities_add_up_and_the_guests_cart_says_where_it_went() {
    let (shop, cart, guest) = prepared().await;
    let key = ("Idempotency-Key", "login");
    let merge = async || shop.send_with(Method::POST, &cart, "/merge", key, Some(all_of(&guest))).await;
    let merged: Value = merge().await.json().await.unwrap();
    assert_eq!(quantities(&merged["lines"]), of(&[("pen", 5), ("cup", 1)]));
    assert_eq!(shop.shown(&cart).await["lines"], merged["lines"]);
    let gone = shop.send_with(Method::GET, &guest, "", ("Accept", "*/*"), None).await;
    assert_eq!(
        (gone.status(), gone.headers()["location"].to_str().unwrap()),
        (StatusCode::GONE, format!("/carts/{}", cart.id).as_str())
    );
    assert_eq!(shop.add(&guest).await, StatusCode::GONE);
    assert_eq!(shop.event_types(&cart).await, ["item-added", "items-merged-in"]);
    assert_eq!(shop.event_types(&guest).await, ["item-added", "item-added", "merged"]);

    let again = merge().await;
    assert_eq!(
        (again.status(), &again.headers()["idempotency-replayed"]),
        (StatusCode::OK, &"true".parse().unwrap())
    );
    assert_eq!(quantities(&shop.shown(&cart).await["lines"]), of(&[("pen", 5), ("cup", 1)]), "once");
    let other = shop.cart().await;
    let refused = shop.refused(Method::POST, &other, "/merge", Some(all_of(&guest))).await;
    assert_eq!(refused, (StatusCode::GONE, "cart-ended".to_owned()));
}

#[tokio::test]
async fn what_there_is_no_room_for_is_refused_with_the_line_and_both_carts_stay() {
    let (shop, cart, guest) = prepared().await;
    shop.put(&guest, "pen", 9).await;
    let (status, problem) = shop.send(Method::POST, &cart, "/merge", Some(all_of(&guest))).await;
    assert_eq!((status, &problem["title"]), (StatusCode::UNPROCESSABLE_ENTITY, &"quantity too large".into()));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("'pen'") && detail.contains("11 pieces"), "{detail}");
    assert_eq!(quantities(&shop.shown(&cart).await["lines"]), of(&[("pen", 2)]));
    assert_eq!(quantities(&shop.shown(&guest).await["lines"]), of(&[("cup", 1), ("pen", 9)]));
    let itself = shop.refused(Method::POST, &cart, "/merge", Some(all_of(&cart))).await;
    assert_eq!(itself.1, "merged-into-itself");
}

#[tokio::test]
async fn both_carts_tokens_are_needed() {
    let (shop, cart, guest) = prepared().await;
    for token in [cart.token.as_str(), "x", "x.1"] {
        let body = json!({"cart_id": guest.id, "token": token});
        let refused = shop.refused(Method::POST, &cart, "/merge", Some(body)).await;
        assert_eq!(refused, (StatusCode::NOT_FOUND, "unknown-cart".to_owned()));
    }
    let stranger = Cart { id: cart.id.clone(), token: guest.token.clone() };
    assert_eq!(
        shop.refused(Method::POST, &stranger, "/merge", Some(all_of(&guest))).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(quantities(&shop.shown(&guest).await["lines"]).len(), 2);
}

#[tokio::test]
async fn carts_that_are_merged_into_each_other_at_once_lose_nothing_and_one_is_left() {
    let (shop, cart, guest) = prepared().await;
    let there = shop.send(Method::POST, &cart, "/merge", Some(all_of(&guest)));
    let back = shop.send(Method::POST, &guest, "/merge", Some(all_of(&cart)));
    let adding = shop.add(&guest);
    let ((there, _), (back, _), _) = tokio::join!(there, back, adding);
    let mut statuses = [there, back];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::GONE]);
    let left = if there == StatusCode::OK { &cart } else { &guest };
    let quantities = quantities(&shop.shown(left).await["lines"]);
    let pieces: i64 = quantities.iter().map(|(_, quantity)| quantity).sum();
    assert!((6..=7).contains(&pieces), "{quantities:?}");
}
