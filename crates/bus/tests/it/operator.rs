//! The operator's actions on parked events.

mod matching;

use std::sync::atomic::Ordering;

use cartwheel_bus::parking::{self, Filter, ParkingError};
use envelope::{Envelope, EventType};
use testkit::eventually;

use crate::fixture::{Fixture, OrderPlaced, TIMEOUT};

/// Publishes orders of one customer in one transaction, but for those that get lost.
async fn place(fixture: &Fixture, customer: &str, amounts: &[i64], lost: &[i64]) {
    let orders: Vec<(&str, i64)> = amounts.iter().map(|&amount| (customer, amount)).collect();
    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.append(&mut transaction, &orders).await;
    let deletion = sqlx::query("DELETE FROM bus.outbox WHERE sequence = ANY($1)").bind(lost);
    deletion.execute(&mut *transaction).await.unwrap();
    fixture.outbox.commit(transaction).await.unwrap();
}

/// As after the last try: it waits for an operator.
async fn give_up(fixture: &Fixture, id: i64, state: &str) {
    let query = "UPDATE bus.parked SET state = $2, next_attempt = NULL WHERE id = $1";
    sqlx::query(query).bind(id).bind(state).execute(&fixture.billing_db).await.unwrap();
}

#[tokio::test]
async fn a_retried_event_is_taken_once_its_handler_is_fixed_and_those_behind_it() {
    for state in ["failed", "fatal"] {
        let fixture = Fixture::new(false).await;
        place(&fixture, "ann", &[60, 0, 25], &[]).await;
        let bad = fixture.parked(2).await[0].id;
        give_up(&fixture, bad, state).await;
        fixture.fixed.store(true, Ordering::Relaxed);

        parking::retry(&fixture.billing_db, bad, None).await.unwrap();
        fixture.until("ann", &[60, 0, 25]).await;
        fixture.parked(0).await;
        fixture.end().await;
    }
}

#[tokio::test]
async fn a_retried_event_that_fails_again_waits_for_an_operator_again() {
    let fixture = Fixture::new(false).await;
    place(&fixture, "ann", &[0], &[]).await;
    let bad = fixture.parked(1).await[0].id;
    sqlx::query("UPDATE bus.parked SET attempts = 20").execute(&fixture.billing_db).await.unwrap();
    give_up(&fixture, bad, "failed").await;

    parking::retry(&fixture.billing_db, bad, None).await.unwrap();
    eventually("one more try", TIMEOUT, async || {
        let parked = parking::show(&fixture.billing_db, bad).await.unwrap().parked;
        (parked.attempts == 21 && parked.next_attempt.is_none()).then_some(())
    })
    .await;
    fixture.end().await;
}

#[tokio::test]
async fn a_discarded_event_is_passed_over_and_those_behind_it_are_taken_at_once() {
    let fixture = Fixture::new(false).await;
    place(&fixture, "ann", &[60, 0, 25, 40], &[]).await;
    let parked = fixture.parked(3).await;
    // It would not be tried for a long time by itself.
    let later =
        "UPDATE bus.parked SET next_attempt = now() + interval '1 day' WHERE next_attempt IS NOT NULL";
    sqlx::query(later).execute(&fixture.billing_db).await.unwrap();

    parking::discard(&fixture.billing_db, parked[0].id, None).await.unwrap();
    fixture.until("ann", &[60, 25, 40]).await;
    fixture.parked(0).await;
    place(&fixture, "ann", &[5], &[]).await;
    fixture.until("ann", &[60, 25, 40, 5]).await;
    fixture.end().await;
}

#[tokio::test]
async fn events_of_a_subject_are_decided_on_in_their_order() {
    let fixture = Fixture::new(false).await;
    place(&fixture, "ann", &[60, 0, 25], &[]).await;
    let parked = fixture.parked(2).await;
    give_up(&fixture, parked[0].id, "failed").await;

    let (first, second) = (parked[0].id, parked[1].id);
    for refused in [
        parking::retry(&fixture.billing_db, second, None).await,
        parking::discard(&fixture.billing_db, second, None).await,
        parking::release(&fixture.billing_db, second, None).await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ParkingError::NotFirst { earlier } if earlier == first), "{error}");
        assert!(error.to_string().contains(&format!("event {first} is parked before it")), "{error}");
    }
    assert_eq!(fixture.parked(2).await.len(), 2, "nothing happened");
    fixture.end().await;
}

#[tokio::test]
async fn lost_events_are_given_up_by_a_release_and_only_then() {
    let fixture = Fixture::new(false).await;
    place(&fixture, "ann", &[60, 70, 80, 25, 40], &[2, 3]).await;
    let parked = fixture.parked(2).await;
    assert_eq!((parked[0].sequence, parked[0].state.as_str()), (4, "waiting"));
    let id = parked[0].id;
    for refused in [
        parking::retry(&fixture.billing_db, id, None).await,
        parking::discard(&fixture.billing_db, id, None).await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ParkingError::Missing { first: 2, last: 3, .. }), "{error}");
        assert!(error.to_string().contains("numbers 2 to 3 of the same subject"), "{error}");
    }

    parking::release(&fixture.billing_db, id, None).await.unwrap();
    fixture.until("ann", &[60, 25, 40]).await;
    fixture.parked(0).await;
    fixture.end().await;
}

#[tokio::test]
async fn nothing_is_released_where_nothing_is_missing() {
    let fixture = Fixture::new(false).await;
    place(&fixture, "ann", &[0], &[]).await;
    let id = fixture.parked(1).await[0].id;
    let error = parking::release(&fixture.billing_db, id, None).await.unwrap_err();
    assert!(matches!(error, ParkingError::NothingMissing(_)), "{error}");
    fixture.end().await;
}

#[tokio::test]
async fn what_is_not_parked_any_more_is_refused() {
    let fixture = Fixture::new(false).await;
    place(&fixture, "ann", &[0], &[]).await;
    let id = fixture.parked(1).await[0].id;
    parking::discard(&fixture.billing_db, id, None).await.unwrap();
    for refused in [
        parking::show(&fixture.billing_db, id).await.map(|_| ()),
        parking::retry(&fixture.billing_db, id, None).await,
        parking::discard(&fixture.billing_db, id, None).await,
        parking::release(&fixture.billing_db, id, None).await,
    ] {
        assert!(matches!(refused, Err(ParkingError::NotParked(missing)) if missing == id), "{refused:?}");
    }
    fixture.end().await;
}

#[tokio::test]
async fn parked_events_are_listed_by_type_subject_and_state_and_shown_in_full() {
    let fixture = Fixture::new(false).await;
    place(&fixture, "ann", &[60, 0, 25], &[]).await;
    place(&fixture, "dan", &[0], &[]).await;
    fixture.parked(3).await;
    let list = async |kind: Option<&str>, subject: Option<&str>, state: Option<&str>, limit| {
        let [kind, subject, state] = [kind, subject, state].map(|text| text.map(str::to_owned));
        let filter = Filter { kind, subject, state, ..Filter::default() };
        let listed = parking::list(&fixture.billing_db, &filter, limit).await.unwrap();
        listed.into_iter().map(|event| (event.subject, event.sequence)).collect::<Vec<_>>()
    };
    let event = |subject: &str, sequence| (subject.to_owned(), sequence);

    assert_eq!(list(None, Some("dan"), None, 9).await, [event("dan", 1)]);
    assert_eq!(list(Some(OrderPlaced::TYPE), None, None, 9).await.len(), 3);
    assert_eq!(list(Some("orders.order-cancelled.v1"), None, None, 9).await, []);
    assert_eq!(list(None, None, Some("waiting"), 9).await, [event("ann", 3)]);
    assert_eq!(list(None, Some("ann"), Some("failed"), 9).await, [event("ann", 2)]);
    assert_eq!(list(None, None, None, 2).await.len(), 2);

    let bad = fixture.parked(3).await.into_iter().find(|event| event.subject == "ann").unwrap();
    let details = parking::show(&fixture.billing_db, bad.id).await.unwrap();
    assert_eq!((details.position, details.parked.sequence), (1, 2));
    let event: Envelope = serde_json::from_slice(&details.body).unwrap();
    assert_eq!(event.read::<OrderPlaced>().unwrap().unwrap().amount, 0);
    fixture.end().await;
}
