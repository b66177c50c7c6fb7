//! Tokens that are replaced and revoked.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::{Cart, Shop};

async fn rotate(shop: &Shop, cart: &Cart, key: &str) -> Result<Cart, StatusCode> {
    let answer = shop.send_with(Method::POST, cart, "/token", ("Idempotency-Key", key), None).await;
    if answer.status() != StatusCode::OK {
        return Err(answer.status());
    }
    let token: Value = answer.json().await.unwrap();
    Ok(Cart { id: cart.id.clone(), token: token["token"].as_str().unwrap().to_owned() })
}

/// Whether the token is good for looking, changing and merging.
async fn opens(shop: &Shop, cart: &Cart) -> bool {
    let answers = [shop.get(cart).await, shop.add(cart).await];
    assert!(answers.iter().all(|status| *status == answers[0]), "{answers:?}");
    answers[0] == StatusCode::OK
}

#[tokio::test]
async fn a_replaced_token_opens_nothing_any_more() {
    let shop = Shop::open(&[]).await;
    let first = shop.cart().await;
    assert!(opens(&shop, &first).await);
    let second = rotate(&shop, &first, "a").await.unwrap();
    assert_eq!((opens(&shop, &first).await, opens(&shop, &second).await), (false, true));
    assert_eq!(rotate(&shop, &first, "b").await.unwrap_err(), StatusCode::NOT_FOUND);
    let third = rotate(&shop, &second, "c").await.unwrap();
    assert_eq!((opens(&shop, &second).await, opens(&shop, &third).await), (false, true));
    let merge = serde_json::json!({"cart_id": first.id, "token": second.token});
    let other = shop.cart().await;
    assert_eq!(shop.refused(Method::POST, &other, "/merge", Some(merge)).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_lost_the_answer_asks_again_with_the_same_key() {
    let shop = Shop::open(&[]).await;
    let first = shop.cart().await;
    let second = rotate(&shop, &first, "a").await.unwrap();
    assert_eq!(rotate(&shop, &first, "a").await.unwrap().token, second.token);
    rotate(&shop, &second, "b").await.unwrap();
    assert_eq!(rotate(&shop, &first, "a").await.unwrap_err(), StatusCode::NOT_FOUND, "that one is replaced");
}

#[tokio::test]
async fn an_operator_revokes_a_token() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    let path = format!("/carts/{}/token", cart.id);
    assert_eq!(shop.send_as_operator(Method::DELETE, &path).await, StatusCode::NO_CONTENT);
    assert!(!opens(&shop, &cart).await);
    let unknown = format!("/carts/{}/token", uuid::Uuid::new_v4());
    assert_eq!(shop.send_as_operator(Method::DELETE, &unknown).await, StatusCode::NOT_FOUND);
    assert_eq!(shop.refused(Method::DELETE, &cart, "/token", None).await.0, StatusCode::UNAUTHORIZED);
}
