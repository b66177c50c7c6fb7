//! The event log was deleted and made again. Nothing is rebuilt from it until the present state is published again.

use cartwheel::topology::topology;
use envelope::Clock;

use crate::harness::TestShop;

#[tokio::test]
async fn projections_are_whole_again_once_the_present_state_was_published_again() {
    let mut shop = TestShop::with_all().await;
    shop.sell(&["LANTERN", "CANDLE", "MATCHES"]).await;
    shop.stock("LANTERN", 5).await;
    let storefront = shop.storefront();
    let cart = storefront.open(Some("ann@example.test")).await;
    for sku in ["LANTERN", "CANDLE", "MATCHES"] {
        storefront.add(&cart, sku, 2).await;
    }
    let gone = storefront.open(None).await;
    storefront.add(&gone, "CANDLE", 1).await;
    storefront.request(reqwest::Method::DELETE, &gone, "/items/CANDLE").send().await.unwrap();
    shop.until("recommend", "SELECT count(*) FROM cart_items", 3).await;
    shop.until("cart", "SELECT count(*) FROM holds", 3).await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", 3).await;

    shop.delete_log().await;
    let broker = bus::Broker::new(shop.shop.accounts.broker_as_administrator().unwrap(), "topology");
    topology().apply(&broker, Clock::system()).await.unwrap();
    for service in ["cart", "recommend"] {
        shop.stop(service).await;
        let (succeeded, said) = shop.cartwheel(service, &["rebuild", service]);
        assert!(!succeeded && said.contains("no longer has everything"), "{said}");
    }
    assert_eq!(shop.count("cart", "SELECT count(*) FROM products").await, 3, "nothing was changed");
    for service in ["cart", "recommend"] {
        shop.start(service).await;
    }

    for (aggregate, service) in [
        ("catalog.products", "catalog"),
        ("cart.carts", "cart"),
        ("inventory.holds", "inventory"),
        ("inventory.stock", "inventory"),
        ("recommend.suggestions", "recommend"),
    ] {
        let (succeeded, said) = shop.cartwheel(service, &["republish", aggregate]);
        assert!(succeeded && said.contains(aggregate), "{said}");
    }
    for service in ["catalog", "cart", "inventory", "recommend"] {
        shop.until(service, "SELECT count(*) FROM bus.outbox", 0).await;
    }
    shop.until(
        "cart",
        "SELECT count(*) FROM bus.positions WHERE source = '/inventory/holds' AND sequence > 3",
        1,
    )
    .await;
    for service in ["cart", "recommend"] {
        shop.stop(service).await;
        let damage = if service == "cart" { "TRUNCATE holds, products" } else { "TRUNCATE cart_items" };
        sqlx::query(damage).execute(&shop.database(service).await).await.unwrap();
        let (succeeded, said) = shop.cartwheel(service, &["rebuild", service]);
        assert!(succeeded && said.contains("was rebuilt from"), "{said}");
        shop.start(service).await;
    }
    let written_down = "SELECT count(*) FROM bus.audit WHERE operator = 'Ada Lovelace'
                            AND (action, details->>'outcome') IN (('rebuild', 'failed'), ('republish', 'done'), ('rebuild', 'done'))";
    assert_eq!(shop.count("recommend", written_down).await, 3);
    assert_eq!(shop.count("cart", "SELECT count(*) FROM products").await, 3);
    assert_eq!(shop.count("cart", "SELECT count(*) FROM holds").await, 3);
    assert_eq!(shop.count("recommend", "SELECT sum(quantity)::bigint FROM cart_items").await, 6);

    let storefront = shop.storefront();
    storefront.add(&cart, "LANTERN", 1).await;
    shop.until("inventory", "SELECT sum(wanted)::bigint FROM holds", 7).await;
    shop.until("recommend", "SELECT sum(quantity)::bigint FROM cart_items", 7).await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", 4).await;
    assert_eq!(shop.mailbox.delivered(), 4, "a snapshot is no addition");
    for service in ["cart", "inventory", "recommend", "notify"] {
        assert_eq!(shop.count(service, "SELECT count(*) FROM bus.parked").await, 0, "{service}");
    }
    shop.end().await;
}
