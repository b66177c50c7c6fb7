//! Nothing follows the last event of a subject.

use std::time::Duration;

use cartwheel_bus::OutboxError;
use envelope::{Cause, EventType};
use testkit::turn_clock;

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

const DAY: Duration = Duration::from_hours(24);
const POSITIONS: &str = "SELECT count(*) FROM bus.positions WHERE sequence > 0";
const SEQUENCES: &str = "SELECT count(*) FROM bus.sequences";

/// As many subjects as there ever were in two months, and no row of those that have ended.
#[tokio::test]
async fn what_is_known_of_ended_subjects_does_not_grow() {
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    fixture.consumer(&billing);
    fixture.place(&[("open", 1)]).await;
    let mut subjects = 1;
    for month in 0..3 {
        for fifty in 0..4 {
            let ended: Vec<_> =
                (0..50).map(|one| closed(&format!("customer {month} {fifty} {one}"))).collect();
            append(&fixture, &ended).await.unwrap();
        }
        subjects += 200;
        fixture.until_number(&fixture.billing_db, POSITIONS, subjects).await;
        fixture.until_number(&fixture.orders_db, SEQUENCES, [201, 401, 401][month]).await;
        fixture.halt().await;
        let turned = 36 * DAY * (u32::try_from(month).unwrap() + 1);
        turn_clock(&fixture.billing_db, turned).await;
        turn_clock(&fixture.orders_db, turned).await;
        let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
        fixture.relay(&orders);
        fixture.consumer(&billing);
        fixture.until_number(&fixture.billing_db, POSITIONS, 1).await;
        subjects = 1;
    }
    fixture.until_number(&fixture.orders_db, SEQUENCES, 201).await;
    fixture.place(&[("open", 2)]).await;
    fixture.until("open", &[1, 2]).await;
    fixture.end().await;
}

#[tokio::test]
async fn positions_are_kept_while_the_log_is_read_and_where_events_are_parked() {
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    fixture.consumer(&billing);
    append(&fixture, &[closed("dan"), closed("zoe")]).await.unwrap();
    fixture.until_number(&fixture.billing_db, POSITIONS, 2).await;
    let rows = "INSERT INTO bus.parked (source, subject, sequence, type, body, state)
                VALUES ('/orders/orders', 'dan', 2, 'orders.order-placed.v1', 'no event', 'fatal');
                INSERT INTO bus.catching_up (marker) VALUES (gen_random_uuid())";
    sqlx::raw_sql(rows).execute(&fixture.billing_db).await.unwrap();
    turn_clock(&fixture.billing_db, 36 * DAY).await;
    for (order, kept) in [(1, 2), (2, 1)] {
        fixture.halt().await;
        let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
        fixture.relay(&orders);
        // It prunes before it takes anything.
        fixture.consumer(&billing);
        fixture.place(&[("open", order)]).await;
        fixture.until_invoiced(order).await;
        fixture.until_number(&fixture.billing_db, POSITIONS, kept + 1).await;
        sqlx::query("DELETE FROM bus.catching_up").execute(&fixture.billing_db).await.unwrap();
    }
    fixture.end().await;
}
