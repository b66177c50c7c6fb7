//! Any cart, for operators who are asked about it.

use reqwest::{Method, StatusCode};
use uuid::Uuid;

use crate::support::{Shop, of, quantities};

#[tokio::test]
async fn an_operator_sees_any_cart_and_what_happened_to_it_also_when_nothing_else_opens_it() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 2).await;
    let path = format!("/admin/carts/{}", cart.id);
    let seen = async || {
        let (status, body) = shop.read_as_operator(&path).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        (body["ended"].clone(), quantities(&body["cart"]["lines"]))
    };
    assert_eq!(seen().await, (().into(), of(&[("pen", 2)])));

    shop.send_as_operator(Method::DELETE, &format!("/carts/{}/token", cart.id)).await;
    assert_eq!(shop.get(&cart).await, StatusCode::NOT_FOUND);
    assert_eq!(seen().await, (().into(), of(&[("pen", 2)])));
    let (_, history) = shop.read_as_operator(&format!("{path}/history?limit=1")).await;
    assert_eq!(history["changes"][0]["type"], "cart.item-added.v1");

    let ended = shop.cart().await;
    shop.change(Method::DELETE, &ended, "", None).await;
    let (_, body) = shop.read_as_operator(&format!("/admin/carts/{}", ended.id)).await;
    assert_eq!(body["ended"], "deleted");
}

#[tokio::test]
async fn nobody_else_does_and_an_unknown_one_is_not_there() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    let as_shopper = shop.request(Method::GET, &cart, "");
    let url = as_shopper.build().unwrap().url().as_str().replace("/carts/", "/admin/carts/");
    for path in ["", "/history"] {
        let answer =
            reqwest::Client::new().get(format!("{url}{path}")).bearer_auth(&cart.token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        let unknown = shop.read_as_operator(&format!("/admin/carts/{}{path}", Uuid::new_v4())).await;
        assert_eq!(unknown.0, StatusCode::NOT_FOUND, "{path}");
    }
}
