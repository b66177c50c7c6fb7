use reqwest::Method;
use serde_json::json;

use crate::harness::TestShop;

#[tokio::test]
async fn events_that_arrive_in_the_wrong_order_are_taken_in_the_right_one() {
    let mut shop = TestShop::with_all().await;
    shop.sell(&["LANTERN"]).await;
    shop.stock("LANTERN", 100).await;
    shop.stop("inventory").await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    storefront.add(&cart, "LANTERN", 5).await;
    // Each before the next change: so each event has a message of its own.
    let mut messages = shop.take_messages("inventory", 1).await;
    for quantity in [9, 2, 7] {
        let set =
            storefront.request(Method::PATCH, &cart, "/items/LANTERN").json(&json!({"quantity": quantity}));
        set.send().await.unwrap().error_for_status().unwrap();
        messages.extend(shop.take_messages("inventory", 1).await);
    }
    messages.reverse();
    for message in &messages {
        shop.put_message("inventory", message).await;
    }

    shop.start("inventory").await;
    shop.until("inventory", "SELECT sequence FROM bus.positions WHERE source = '/cart/carts'", 4).await;
    assert_eq!(shop.count("inventory", "SELECT wanted FROM holds").await, 7, "the last word counts");
    shop.end().await;
}

#[tokio::test]
async fn an_event_whose_predecessor_comes_late_is_parked_as_waiting_and_taken_after_it() {
    let mut shop = TestShop::with_all().await;
    shop.sell(&["LANTERN"]).await;
    shop.stop("inventory").await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    let mut messages = Vec::new();
    for _ in 0..3 {
        storefront.add(&cart, "LANTERN", 1).await;
        messages.extend(shop.take_messages("inventory", 1).await);
    }
    shop.put_message("inventory", &messages[2]).await;
    shop.put_message("inventory", &messages[1]).await;

    shop.start("inventory").await;
    shop.until("inventory", "SELECT count(*) FROM bus.parked WHERE state = 'waiting'", 2).await;
    assert_eq!(shop.count("inventory", "SELECT count(*) FROM holds").await, 0);
    shop.put_message("inventory", &messages[0]).await;
    shop.until("inventory", "SELECT wanted FROM holds", 3).await;
    shop.until("inventory", "SELECT count(*) FROM bus.parked", 0).await;
    shop.end().await;
}
