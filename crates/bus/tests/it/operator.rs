//! The operator's actions on parked events.

use std::sync::atomic::Ordering;

use cartwheel_bus::parking::{self, Filter, ParkingError};
use envelope::{Envelope, EventType};
use testkit::eventually;

use crate::scene::{OrderPlaced, Scene, TIMEOUT};

/// Publishes orders of one customer in one transaction, but for those that get lost.
async fn place(scene: &Scene, customer: &str, amounts: &[i64], lost: &[i64]) {
    let orders: Vec<(&str, i64)> = amounts.iter().map(|&amount| (customer, amount)).collect();
    let mut transaction = scene.orders_db.begin().await.unwrap();
    scene.append(&mut transaction, &orders).await;
    let deletion = sqlx::query("DELETE FROM bus.outbox WHERE sequence = ANY($1)").bind(lost);
    deletion.execute(&mut *transaction).await.unwrap();
    scene.outbox.commit(transaction).await.unwrap();
}

/// As after the last try: it waits for an operator.
async fn give_up(scene: &Scene, id: i64, state: &str) {
    let query = "UPDATE bus.parked SET state = $2, next_attempt = NULL WHERE id = $1";
    sqlx::query(query).bind(id).bind(state).execute(&scene.billing_db).await.unwrap();
}

#[tokio::test]
async fn a_retried_event_is_taken_once_its_handler_is_fixed_and_those_behind_it() {
    for state in ["failed", "fatal"] {
        let scene = Scene::new(false).await;
        place(&scene, "ann", &[60, 0, 25], &[]).await;
        let bad = scene.parked(2).await[0].id;
        give_up(&scene, bad, state).await;
        scene.fixed.store(true, Ordering::Relaxed);

        parking::retry(&scene.billing_db, bad).await.unwrap();
        scene.until("ann", &[60, 0, 25]).await;
        scene.parked(0).await;
        scene.end().await;
    }
}

#[tokio::test]
async fn a_retried_event_that_fails_again_waits_for_an_operator_again() {
    let scene = Scene::new(false).await;
    place(&scene, "ann", &[0], &[]).await;
    let bad = scene.parked(1).await[0].id;
    sqlx::query("UPDATE bus.parked SET attempts = 20").execute(&scene.billing_db).await.unwrap();
    give_up(&scene, bad, "failed").await;

    parking::retry(&scene.billing_db, bad).await.unwrap();
    eventually("one more try", TIMEOUT, async || {
        let parked = parking::show(&scene.billing_db, bad).await.unwrap().parked;
        (parked.attempts == 21 && parked.next_attempt.is_none()).then_some(())
    })
    .await;
    scene.end().await;
}

#[tokio::test]
async fn a_discarded_event_is_passed_over_and_those_behind_it_are_taken_at_once() {
    let scene = Scene::new(false).await;
    place(&scene, "ann", &[60, 0, 25, 40], &[]).await;
    let parked = scene.parked(3).await;
    // Those behind it would not be tried for a long time by themselves.
    let later = "UPDATE bus.parked SET next_attempt = now() + interval '1 day'";
    sqlx::query(later).execute(&scene.billing_db).await.unwrap();

    parking::discard(&scene.billing_db, parked[0].id).await.unwrap();
    scene.until("ann", &[60, 25, 40]).await;
    scene.parked(0).await;
    place(&scene, "ann", &[5], &[]).await;
    scene.until("ann", &[60, 25, 40, 5]).await;
    scene.end().await;
}

#[tokio::test]
async fn events_of_a_subject_are_decided_on_in_their_order() {
    let scene = Scene::new(false).await;
    place(&scene, "ann", &[60, 0, 25], &[]).await;
    let parked = scene.parked(2).await;
    give_up(&scene, parked[0].id, "failed").await;

    let (first, second) = (parked[0].id, parked[1].id);
    for refused in [
        parking::retry(&scene.billing_db, second).await,
        parking::discard(&scene.billing_db, second).await,
        parking::release(&scene.billing_db, second).await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ParkingError::NotFirst { earlier } if earlier == first), "{error}");
        assert!(error.to_string().contains(&format!("event {first} is parked before it")), "{error}");
    }
    assert_eq!(scene.parked(2).await.len(), 2, "nothing happened");
    scene.end().await;
}

#[tokio::test]
async fn lost_events_are_given_up_by_a_release_and_only_then() {
    let scene = Scene::new(false).await;
    place(&scene, "ann", &[60, 70, 80, 25, 40], &[2, 3]).await;
    let parked = scene.parked(2).await;
    assert_eq!((parked[0].sequence, parked[0].state.as_str()), (4, "waiting"));
    let id = parked[0].id;
    for refused in
        [parking::retry(&scene.billing_db, id).await, parking::discard(&scene.billing_db, id).await]
    {
        let error = refused.unwrap_err();
        assert!(matches!(error, ParkingError::Missing { first: 2, last: 3, .. }), "{error}");
        assert!(error.to_string().contains("numbers 2 to 3 of the same subject"), "{error}");
    }

    parking::release(&scene.billing_db, id).await.unwrap();
    scene.until("ann", &[60, 25, 40]).await;
    scene.parked(0).await;
    scene.end().await;
}

#[tokio::test]
async fn nothing_is_released_where_nothing_is_missing() {
    let scene = Scene::new(false).await;
    place(&scene, "ann", &[0], &[]).await;
    let id = scene.parked(1).await[0].id;
    let error = parking::release(&scene.billing_db, id).await.unwrap_err();
    assert!(matches!(error, ParkingError::NothingMissing(_)), "{error}");
    scene.end().await;
}

#[tokio::test]
async fn what_is_not_parked_any_more_is_refused() {
    let scene = Scene::new(false).await;
    place(&scene, "ann", &[0], &[]).await;
    let id = scene.parked(1).await[0].id;
    parking::discard(&scene.billing_db, id).await.unwrap();
    for refused in [
        parking::show(&scene.billing_db, id).await.map(|_| ()),
        parking::retry(&scene.billing_db, id).await,
        parking::discard(&scene.billing_db, id).await,
        parking::release(&scene.billing_db, id).await,
    ] {
        assert!(matches!(refused, Err(ParkingError::NotParked(missing)) if missing == id), "{refused:?}");
    }
    scene.end().await;
}

#[tokio::test]
async fn parked_events_are_listed_by_type_subject_and_state_and_shown_in_full() {
    let scene = Scene::new(false).await;
    place(&scene, "ann", &[60, 0, 25], &[]).await;
    place(&scene, "dan", &[0], &[]).await;
    scene.parked(3).await;
    let list = async |kind: Option<&str>, subject: Option<&str>, state: Option<&str>, limit| {
        let [kind, subject, state] = [kind, subject, state].map(|text| text.map(str::to_owned));
        let listed = parking::list(&scene.billing_db, &Filter { kind, subject, state, limit }).await.unwrap();
        listed.into_iter().map(|event| (event.subject, event.sequence)).collect::<Vec<_>>()
    };
    let event = |subject: &str, sequence| (subject.to_owned(), sequence);

    assert_eq!(list(None, Some("dan"), None, 9).await, [event("dan", 1)]);
    assert_eq!(list(Some(OrderPlaced::TYPE), None, None, 9).await.len(), 3);
    assert_eq!(list(Some("orders.order-cancelled.v1"), None, None, 9).await, []);
    assert_eq!(list(None, None, Some("waiting"), 9).await, [event("ann", 3)]);
    assert_eq!(list(None, Some("ann"), Some("failed"), 9).await, [event("ann", 2)]);
    assert_eq!(list(None, None, None, 2).await.len(), 2);

    let bad = scene.parked(3).await.into_iter().find(|event| event.subject == "ann").unwrap();
    let details = parking::show(&scene.billing_db, bad.id).await.unwrap();
    assert_eq!((details.position, details.parked.sequence), (1, 2));
    let event: Envelope = serde_json::from_slice(&details.body).unwrap();
    assert_eq!(event.read::<OrderPlaced>().unwrap().unwrap().amount, 0);
    scene.end().await;
}
