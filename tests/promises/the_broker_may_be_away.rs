use cartwheel::up::administration;
use events::PARTICIPANTS;

use crate::harness::TestShop;

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
    let health = async |what| reqwest::get(format!("{}/health/{what}", shop.url("cart"))).await.unwrap();
    assert_eq!(health("ready").await.status(), 200, "requests are answered");
    let delivery = health("delivery").await;
    assert_eq!(delivery.status(), 503, "the outage is reported where it is");
    let delivery = delivery.text().await.unwrap();
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
