//! What a queue lost comes back out of the event log.

use std::time::Duration;

use cartwheel_bus::HealthState;
use lapin::options::BasicGetOptions;
use testkit::{eventually, turn_clock};

use crate::fixture::{AccountClosed, Billing, Fixture, Instance, LogLines, OrderPlaced, TIMEOUT};

/// Longer than an event waits for the one before it until the event log is searched.
const GAP_TIMEOUT: Duration = Duration::from_mins(1);

async fn until_down(instance: &Instance, because: &str) {
    eventually(because, TIMEOUT, async || {
        matches!(instance.health.state(), HealthState::Down(reason) if reason.contains(because)).then_some(())
    })
    .await;
}

/// Takes the oldest message out of billing's queue, never to be seen again.
async fn lose_one(fixture: &Fixture) {
    let channel = fixture.channel().await;
    let lost = eventually("a message", TIMEOUT, async || {
        channel.basic_get("billing".into(), BasicGetOptions { no_ack: true }).await.unwrap()
    });
    lost.await;
}

#[tokio::test]
async fn after_a_deleted_queue_nothing_is_missing() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1), ("ann", 1)]).await;
    fixture.until_invoiced(2).await;

    fixture.delete_queue("billing").await;
    until_down(&instance, "queue 'billing' is missing on the broker: run `topology`").await;
    fixture.place(&[("dan", 2), ("zoe", 1), ("dan", 3)]).await;
    fixture.until_published().await;
    fixture.apply().await;
    fixture.place(&[("dan", 4)]).await;

    fixture.until_invoiced(6).await;
    assert_eq!(fixture.invoices("dan").await, [1, 2, 3, 4]);
    assert_eq!(fixture.invoices("zoe").await, [1], "nothing came after it to show that it was missing");
    assert!(fixture.doubled().await.is_empty());
    eventually("it is at work", TIMEOUT, async || instance.health.is_up().then_some(())).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_consumer_that_dies_while_it_catches_up_leaves_nothing_out() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until_invoiced(1).await;
    fixture.delete_queue("billing").await;
    until_down(&instance, "is missing").await;
    instance.stop().await;
    fixture.place(&[("zoe", 1), ("ann", 1), ("dan", 2)]).await;
    fixture.until_published().await;
    fixture.apply().await;

    let hangs = Billing { hangs_at: Some("ann"), ..Billing::default() };
    let instance = fixture.start(&hangs, |settings| settings).await;
    hangs.hanging.notified().await;
    instance.kill().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until_invoiced(4).await;
    assert!(fixture.doubled().await.is_empty());
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_gap_is_closed_from_the_event_log() {
    let fixture = Fixture::with_lone_events().await;
    fixture.place(&[("dan", 1), ("dan", 2)]).await;
    fixture.until_published().await;
    lose_one(&fixture).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.parked(1).await;
    turn_clock(&fixture.billing_db, GAP_TIMEOUT).await;
    fixture.until_invoiced(2).await;
    assert_eq!(fixture.invoices("dan").await, [1, 2]);
    fixture.until_parked("nothing waits", <[cartwheel_bus::parking::Parked]>::is_empty).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_gap_that_the_log_has_too_waits_for_an_operator_and_holds_up_no_other_subject() {
    let fixture = Fixture::with_relay().await;
    fixture.place(&[("dan", 1)]).await;
    sqlx::query("UPDATE bus.sequences SET last = last + 2").execute(&fixture.orders_db).await.unwrap();
    fixture.place(&[("dan", 4), ("zoe", 1)]).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.parked(1).await;
    turn_clock(&fixture.billing_db, GAP_TIMEOUT).await;
    let is_said =
        |parked: &[cartwheel_bus::parking::Parked]| parked.iter().any(|event| event.error.is_some());
    let parked = fixture.until_parked("the error says what is missing", is_said).await;
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].subject.as_str(), parked[0].sequence), ("dan", 4));
    let error = "waits for 2 to 3, which neither the queue nor the event log has";
    assert_eq!(parked[0].error.as_deref(), Some(error));
    fixture.until_invoiced(2).await;
    assert_eq!(fixture.invoices("zoe").await, [1]);
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_log_that_no_longer_reaches_back_is_refused_unless_allowed() {
    let (log_lines, _guard) = LogLines::listen();
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until_invoiced(1).await;
    // As if that had been long ago.
    let ago = "UPDATE bus.positions SET time = now() - interval '1 day'";
    fixture.delete_queue("billing").await;
    until_down(&instance, "is missing").await;
    sqlx::query(ago).execute(&fixture.billing_db).await.unwrap();
    fixture.delete_queue("event-log").await;
    fixture.apply().await;
    let lost = "this service has lost the events in between";
    until_down(&instance, lost).await;
    fixture.place(&[("dan", 2)]).await;
    instance.stop().await;
    let said = log_lines.take().iter().filter(|line| line.contains(lost)).count();
    assert_eq!(said, 1, "the log says it once, and not at each try");

    let instance = fixture.start(&Billing::default(), |settings| settings.accept_short_log(true)).await;
    fixture.until_invoiced(2).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn positions_of_ended_subjects_are_deleted_in_the_end() {
    let fixture = Fixture::with_relay().await;
    fixture.place(&[("dan", 1), ("zoe", 1)]).await;
    fixture.publish(AccountClosed { customer: "dan".into() }).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    let positions = "SELECT coalesce(sum(sequence), 0)::bigint FROM bus.positions";
    fixture.until_number(&fixture.billing_db, positions, 4).await;
    instance.stop().await;
    // Positions are pruned at the start, too.
    turn_clock(&fixture.billing_db, Duration::from_hours(36 * 24)).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until_number(&fixture.billing_db, "SELECT count(*) FROM bus.positions", 2).await;
    fixture.publish(OrderPlaced { customer: "zoe".into(), amount: 2 }).await;
    fixture.until_invoiced(3).await;
    assert_eq!(fixture.invoices("zoe").await, [1, 2], "the others stay");
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}
