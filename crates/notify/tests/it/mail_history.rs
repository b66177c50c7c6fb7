use reqwest::{Client, StatusCode};
use serde_json::Value;
use testkit::ADMIN_KEY;
use uuid::Uuid;

use crate::support::{Instance, Shop, added, message_id};

async fn mails(notify: &Instance, query: &str) -> (StatusCode, Value) {
    let request = Client::new().get(format!("{}/mails{query}", notify.rest_api.url)).bearer_auth(ADMIN_KEY);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn operators_see_what_was_sent_without_seeing_addresses() {
    let (shop, notify) = Shop::open().await;
    let item = shop.add(1).await.remove(0);
    shop.until("sent", 1).await;
    let (status, history) = mails(&notify, "").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(history["next"], Value::Null);
    let mail = &history["mails"][0];
    assert_eq!(mail["event_id"], item.id.to_string());
    assert_eq!(mail["message_id"], format!("<{}>", message_id(&item)));
    assert_eq!(mail["cart_id"], item.subject);
    assert_eq!(
        (&mail["sku"], &mail["quantity"], &mail["status"]),
        (&"85123A".into(), &2.into(), &"sent".into())
    );
    assert_eq!((&mail["address"], &mail["attempts"]), (&"s…0@example.test".into(), &1.into()));
    assert!(mail["sent_at"].is_string());
    assert!(!history.to_string().contains("shopper-0"));
}

#[tokio::test]
async fn the_history_is_read_in_pages_by_cart_and_by_status() {
    let (shop, notify) = Shop::open().await;
    let cart = Uuid::now_v7();
    let items: Vec<_> = (0..5).map(|_| added(cart, "lamp")).collect();
    shop.take(&items).await;
    let of_others = shop.add(2).await;
    shop.until("sent", 2).await;

    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let (_, part) = mails(&notify, &format!("?cart={cart}&limit=2{after}")).await;
        seen.extend(part["mails"].as_array().unwrap().iter().map(|mail| mail["event_id"].clone()));
        let Some(next) = part["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, items.iter().map(|item| Value::from(item.id.to_string())).collect::<Vec<_>>());
    let (_, sent) = mails(&notify, "?status=sent").await;
    assert_eq!(sent["mails"].as_array().unwrap().len(), of_others.len());
    let (_, unaddressed) = mails(&notify, "?status=unaddressed").await;
    assert_eq!(unaddressed["mails"][0]["message_id"], Value::Null);
    assert_eq!(unaddressed["mails"][0]["address"], Value::Null);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_or_comes_without_the_key_is_refused() {
    let (_shop, notify) = Shop::open().await;
    assert_eq!(mails(&notify, "?limit=0").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(mails(&notify, "?limit=1001").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(mails(&notify, "?status=lost").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(mails(&notify, "?cart=1").await.0, StatusCode::BAD_REQUEST);
    let answer = Client::new().get(format!("{}/mails", notify.rest_api.url)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}
