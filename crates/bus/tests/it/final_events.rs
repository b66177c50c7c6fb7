//! Nothing follows the last event of a subject.

use cartwheel_bus::OutboxError;
use envelope::{Cause, EventType};

use crate::fixture::{AccountClosed, Fixture, OrderPlaced};

async fn append<E: EventType>(fixture: &Fixture, events: &[E]) -> Result<(), OutboxError> {
    let wrap = |event: &E| fixture.outbox.wrap(event, &Cause::started_by("a test")).unwrap();
    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.outbox.append(&mut transaction, events.iter().map(wrap).collect()).await?;
    Ok(fixture.outbox.commit(transaction).await?)
}

fn closed(customer: &str) -> AccountClosed {
    AccountClosed { customer: customer.into() }
}

#[tokio::test]
async fn nothing_can_be_published_of_a_subject_that_has_ended() {
    let fixture = Fixture::idle(testkit::servers().await).await;
    append(&fixture, &[closed("dan")]).await.unwrap();
    let placed = OrderPlaced { customer: "dan".into(), amount: 1 };
    let refused = append(&fixture, &[placed]).await.unwrap_err().to_string();
    assert_eq!(refused, "an event of a subject that has ended: 'dan' of /orders/orders");
    let in_one_go = append(&fixture, &[closed("zoe"), closed("zoe")]).await;
    assert!(matches!(in_one_go, Err(OutboxError::Ended { .. })));
    append(&fixture, &[closed("ann")]).await.unwrap();
    fixture.end().await;
}
