//! What no broker or no consumer could take is not even committed.

use cartwheel_bus::{Bus, Settings};
use envelope::Cause;

use crate::fixture::{Fixture, OrderPlaced};

/// Why the outbox refuses an order of this customer.
async fn refusal(fixture: &Fixture, settings: Settings, customer: &str) -> String {
    let settings = settings.publishes(["orders.orders"]);
    let outbox = Bus::open(settings, fixture.orders_db.clone()).await.unwrap().outbox();
    let order = OrderPlaced { customer: customer.into(), amount: 1 };
    let event = outbox.wrap(&order, &Cause::started_by("a test")).unwrap();
    let mut transaction = fixture.orders_db.begin().await.unwrap();
    outbox.append(&mut transaction, vec![event]).await.unwrap_err().to_string()
}

#[tokio::test]
async fn events_with_impossible_names_or_sizes_are_refused_by_the_outbox() {
    let fixture = Fixture::idle(testkit::servers().await).await;
    let settings = || Settings::new("orders", "amqp://localhost");
    assert_eq!(
        refusal(&fixture, settings(), "a\0b").await,
        "an event that can't be published: its subject holds a control character"
    );
    assert_eq!(
        refusal(&fixture, settings(), &"x".repeat(600)).await,
        "an event that can't be published: its subject has 600 bytes, more than 512"
    );
    let small = refusal(&fixture, settings().max_event_bytes(100), "dan").await;
    assert!(
        small.starts_with("an event that can't be published: it has ")
            && small.ends_with(" bytes, more than 100")
    );
    fixture.end().await;
}
