use cartwheel::up::administration;
use events::PARTICIPANTS;
use testkit::eventually;

use crate::harness::{TIMEOUT, TestShop};

/// What the cart says of its health: its status, and the answer.
async fn health(shop: &TestShop, what: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{}/health/{what}", shop.url("cart"))).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_broker_stopped_additions_are_acknowledged_and_arrive_in_order_when_it_is_back() {
    let mut servers = testkit::private_servers().await;
    let services = PARTICIPANTS.map(|participant| participant.service);
    let shop = TestShop::on(administration(&servers), &services).await;
    shop.sell(&["LANTERN"]).await;
    shop.stock("LANTERN", 1000).await;
    let storefront = shop.storefront();
    let cart = storefront.open(Some("ann@example.test")).await;

    shop.until("cart", "SELECT count(*) FROM bus.outbox", 0).await;
    servers.rabbitmq.stop().await.unwrap();
    for addition in 1..=100 {
        let after = storefront.add(&cart, "LANTERN", 1).await;
        assert_eq!(after["lines"][0]["quantity"], addition);
    }
    assert_eq!(shop.count("cart", "SELECT count(*) FROM bus.outbox").await, 100);
    assert_eq!(health(&shop, "ready").await.0, 200, "requests are answered");
    let (status, delivery) = health(&shop, "delivery").await;
    assert_eq!(status, 503, "the outage is reported where it is");
    assert!(
        !delivery.contains("refused") && !delivery.contains("127.0.0.1"),
        "no reasons for everybody: {delivery}"
    );

    servers.rabbitmq.start().await.unwrap();
    shop.until("inventory", "SELECT wanted FROM holds", 100).await;
    shop.until("recommend", "SELECT quantity FROM cart_items", 100).await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", 100).await;
    shop.until("cart", "SELECT count(*) FROM bus.outbox", 0).await;
    let quantities = "SELECT count(*) FROM (SELECT line_quantity, row_number() OVER (ORDER BY line_quantity) AS place \
                      FROM mails) AS mail WHERE line_quantity = place";
    assert_eq!(shop.count("notify", quantities).await, 100, "every addition made its own mail");
    for service in services {
        assert_eq!(shop.count(service, "SELECT count(*) FROM bus.parked").await, 0, "{service}");
    }
    shop.end().await;
    servers.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn during_an_alarm_the_shop_is_ready_and_delivery_is_said_to_be_unhealthy() {
    let servers = testkit::private_servers().await;
    let shop = TestShop::on(administration(&servers), &["catalog", "cart", "inventory"]).await;
    shop.sell(&["LANTERN"]).await;
    shop.stock("LANTERN", 10).await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    shop.until("cart", "SELECT count(*) FROM bus.outbox", 0).await;

    servers.rabbitmq.alarm(true).await.unwrap();
    storefront.add(&cart, "LANTERN", 1).await;
    eventually("delivery is unhealthy", TIMEOUT, async || {
        (health(&shop, "delivery").await
            == (
                503,
                r#"{"healthy":false,"parts":{"consumer":"up","relay":"down","timers":"up"}}"#.to_owned(),
            ))
            .then_some(())
    })
    .await;
    assert_eq!(health(&shop, "ready").await.0, 200, "an alarm takes no requests away");
    let after = storefront.add(&cart, "LANTERN", 1).await;
    assert_eq!(after["lines"][0]["quantity"], 2, "nor does it refuse any");

    servers.rabbitmq.alarm(false).await.unwrap();
    shop.until("inventory", "SELECT wanted FROM holds", 2).await;
    eventually("delivery is healthy", TIMEOUT, async || {
        (health(&shop, "delivery").await.0 == 200).then_some(())
    })
    .await;
    shop.end().await;
    servers.stop().await.unwrap();
}
