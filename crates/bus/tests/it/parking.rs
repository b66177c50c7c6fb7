//! What becomes of events that a handler can't take.

use std::sync::atomic::Ordering;
use std::time::Duration;

use envelope::{Cause, EventType};
use testkit::{eventually, turn_clock};

use crate::fixture::{Fixture, OrderPlaced, TIMEOUT};

async fn good_events_are_taken_and_the_bad_one_waits_with_those_behind_it(panics: bool, error: &str) {
    let fixture = Fixture::new(panics).await;
    fixture.place(&[("dan", 40), ("ann", 60), ("ann", 0), ("ann", 25), ("zoe", 100)]).await;

    let parked = fixture.parked(2).await;
    // The batch's events are taken one by one, so these may still be on their way.
    fixture.until("dan", &[40]).await;
    fixture.until("zoe", &[100]).await;
    assert_eq!(fixture.invoices("ann").await, [60], "nothing overtakes the bad one");
    let states: Vec<_> = parked.iter().map(|event| (event.sequence, event.state.as_str())).collect();
    assert_eq!(states, [(2, "failed"), (3, "waiting")]);
    assert_eq!((parked[0].subject.as_str(), parked[0].error.as_deref()), ("ann", Some(error)));
    assert_eq!(parked[0].kind, OrderPlaced::TYPE);

    fixture.fixed.store(true, Ordering::Relaxed);
    // Past the delay before the next attempt.
    turn_clock(&fixture.billing_db, Duration::from_hours(1)).await;
    fixture.parked(0).await;
    assert_eq!(fixture.invoices("ann").await, [60, 0, 25], "taken in their order, once each");
    fixture.place(&[("ann", 5)]).await;
    eventually("the next event", TIMEOUT, async || (fixture.invoices("ann").await.len() == 4).then_some(()))
        .await;
    fixture.end().await;
}

#[tokio::test]
async fn an_event_that_a_handler_refuses_is_parked_alone_and_taken_when_the_handler_is_fixed() {
    good_events_are_taken_and_the_bad_one_waits_with_those_behind_it(false, "no amount").await;
}

#[tokio::test]
async fn an_event_at_which_a_handler_panics_is_parked_alone_as_well() {
    good_events_are_taken_and_the_bad_one_waits_with_those_behind_it(true, "the handler panicked").await;
}

#[tokio::test]
async fn a_body_that_is_no_event_is_parked_by_its_headers() {
    let fixture = Fixture::new(false).await;
    // What a broken publisher would do: the row's body is overwritten before the relay sees it.
    let mut transaction = fixture.orders_db.begin().await.unwrap();
    let placed = OrderPlaced { customer: "dan".into(), amount: 40 };
    let event = fixture.outbox.wrap(&placed, &Cause::started_by("a test")).unwrap();
    fixture.outbox.append(&mut transaction, vec![event]).await.unwrap();
    sqlx::query("UPDATE bus.outbox SET body = 'no event'").execute(&mut *transaction).await.unwrap();
    fixture.outbox.commit(transaction).await.unwrap();

    let parked = fixture.parked(1).await;
    assert_eq!((parked[0].subject.as_str(), parked[0].sequence), ("dan", 1));
    assert!(parked[0].error.as_deref().is_some_and(|error| error.contains("not a CloudEvent")));
    fixture.place(&[("zoe", 100)]).await;
    eventually("another subject goes on", TIMEOUT, async || {
        (fixture.invoices("zoe").await == [100]).then_some(())
    })
    .await;
    fixture.end().await;
}
