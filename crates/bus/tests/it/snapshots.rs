//! A snapshot of a subject makes up for events that are nowhere to be had.

use std::time::Duration;

use envelope::{Cause, Envelope};
use testkit::turn_clock;

use crate::fixture::{Billing, Fixture, Instance, OrderPlaced};

/// Longer than an event waits for the one before it until the event log is searched.
const GAP_TIMEOUT: Duration = Duration::from_mins(1);

async fn place_snapshot(fixture: &Fixture, customer: &str, amount: i64) {
    let order = OrderPlaced { customer: customer.into(), amount };
    let snapshot: Envelope = fixture.outbox.wrap(&order, &Cause::started_by("a test")).unwrap().as_snapshot();
    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.outbox.append(&mut transaction, vec![snapshot]).await.unwrap();
    fixture.outbox.commit(transaction).await.unwrap();
}

/// Deletes what is published now, from the queue and from the log.
async fn lose_everything(fixture: &Fixture) {
    fixture.until_published().await;
    for queue in ["billing", "event-log"] {
        fixture.delete_queue(queue).await;
    }
    fixture.apply().await;
}

/// Of dan's orders the second is nowhere, and the third waits for it.
async fn with_a_gap() -> (Fixture, Instance) {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until_invoiced(1).await;
    instance.stop().await;
    fixture.place(&[("dan", 2)]).await;
    lose_everything(&fixture).await;
    let instance = fixture.start(&Billing::default(), |settings| settings.accept_short_log(true)).await;
    fixture.place(&[("dan", 3)]).await;
    fixture.parked(1).await;
    (fixture, instance)
}

#[tokio::test]
async fn who_has_taken_nothing_of_a_subject_begins_with_its_snapshot() {
    let fixture = Fixture::with_relay().await;
    fixture.place(&[("dan", 1), ("dan", 2)]).await;
    lose_everything(&fixture).await;
    let instance = fixture.start(&Billing::default(), |settings| settings.accept_short_log(true)).await;
    place_snapshot(&fixture, "dan", 3).await;
    fixture.place(&[("dan", 4)]).await;
    fixture.parked(2).await;
    turn_clock(&fixture.billing_db, GAP_TIMEOUT).await;
    fixture.until("dan", &[3, 4]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_snapshot_behind_a_gap_waits_until_the_gap_has_been_searched_for() {
    let (fixture, instance) = with_a_gap().await;
    place_snapshot(&fixture, "dan", 4).await;
    fixture.place(&[("dan", 5)]).await;
    fixture.parked(3).await;
    assert_eq!(fixture.invoices("dan").await, [1]);
    turn_clock(&fixture.billing_db, GAP_TIMEOUT).await;
    // Only what is nowhere is left out.
    fixture.until("dan", &[1, 3, 4, 5]).await;
    fixture.parked(0).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_snapshot_makes_up_for_a_gap_that_was_given_up_before() {
    let (fixture, instance) = with_a_gap().await;
    turn_clock(&fixture.billing_db, GAP_TIMEOUT).await;
    fixture.until_parked("it is given up", |parked| parked.iter().all(|one| one.error.is_some())).await;
    place_snapshot(&fixture, "dan", 4).await;
    fixture.parked(2).await;
    turn_clock(&fixture.billing_db, GAP_TIMEOUT * 2).await;
    fixture.until("dan", &[1, 3, 4]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}
