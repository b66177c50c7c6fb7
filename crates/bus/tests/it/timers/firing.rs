//! When timers fire, and when not.

use std::time::Duration;

use cartwheel_bus::{Due, Timer};
use testkit::{eventually, turn_clock};

use super::fixture::{Fixture, KIND, OTHER_KIND};
use crate::fixture::TIMEOUT;

const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);

/// Sets a timer that is due, and waits until it has fired: by then, all others have had their turn.
async fn let_others_have_their_turn(fixture: &Fixture, round: usize) {
    for kind in [KIND, OTHER_KIND] {
        let key = format!("round {round} of {kind}");
        fixture.set(kind, &[&key], Duration::ZERO).await;
        eventually(&key, TIMEOUT, async || (fixture.fired(&key).await == 1).then_some(())).await;
    }
}

#[tokio::test]
async fn a_timer_fires_when_the_databases_clock_says_so_and_not_before() {
    let fixture = Fixture::new().await;
    let instance = fixture.start(&fixture.handler());
    fixture.set(KIND, &["tomorrow"], DAY).await;
    let_others_have_their_turn(&fixture, 1).await;
    turn_clock(&fixture.pool, 23 * HOUR).await;
    let_others_have_their_turn(&fixture, 2).await;
    assert_eq!(fixture.fired("tomorrow").await, 0);
    turn_clock(&fixture.pool, DAY).await;
    fixture.until_fired(5).await;
    assert_eq!(fixture.fired("tomorrow").await, 1);
    turn_clock(&fixture.pool, Duration::ZERO).await;
    let_others_have_their_turn(&fixture, 3).await;
    assert_eq!(fixture.fired("tomorrow").await, 1, "the clock was turned back");
    assert_eq!(fixture.number("SELECT count(*) FROM bus.timers").await, 0);
    assert_eq!(fixture.number("SELECT count(*) FROM bus.outbox").await, 7, "an event each");
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn what_became_due_while_nobody_was_there_fires_at_once_and_is_reported_as_late() {
    let fixture = Fixture::new().await;
    fixture.set(KIND, &["long ago"], Duration::ZERO).await;
    turn_clock(&fixture.pool, DAY).await;
    let instance = fixture.start(&fixture.handler());
    fixture.until_fired(1).await;
    instance.stop().await;
    let late = fixture.seen.late.lock().unwrap().clone();
    assert!(late.len() == 1 && late[0] >= DAY && late[0] < DAY + HOUR, "{late:?}");
    fixture.end().await;
}

#[tokio::test]
async fn what_is_set_for_the_past_fires_at_once() {
    let fixture = Fixture::new().await;
    let instance = fixture.start(&fixture.handler());
    let_others_have_their_turn(&fixture, 1).await;
    let mut transaction = fixture.pool.begin().await.unwrap();
    let past = Due::At(envelope::Clock::system().now() - DAY);
    fixture.timers.set(&mut transaction, &[Timer { kind: KIND, key: "past", due: past }]).await.unwrap();
    fixture.bus.outbox().commit(transaction).await.unwrap();
    fixture.until_fired(3).await;
    instance.stop().await;
    fixture.end().await;
}

/// A look doesn't start at the beginning each time, but what is committed late is found all the same.
#[tokio::test]
async fn what_a_slow_transaction_has_set_fires_when_it_is_committed() {
    let fixture = Fixture::new().await;
    let instance = fixture.start(&fixture.handler());
    let mut slow = fixture.pool.begin().await.unwrap();
    let now = Timer { kind: KIND, key: "slow", due: Due::After(Duration::ZERO) };
    fixture.timers.set(&mut slow, &[now]).await.unwrap();
    // In the meantime looks start behind it.
    turn_clock(&fixture.pool, HOUR).await;
    let_others_have_their_turn(&fixture, 1).await;
    let_others_have_their_turn(&fixture, 2).await;
    fixture.bus.outbox().commit(slow).await.unwrap();
    fixture.until_fired(5).await;
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn a_timer_is_moved_and_cancelled_with_the_transaction_that_does_it() {
    let fixture = Fixture::new().await;
    let instance = fixture.start(&fixture.handler());
    fixture.set(KIND, &["earlier", "later", "cancelled", "kept"], DAY).await;
    fixture.set(KIND, &["earlier"], Duration::ZERO).await;
    fixture.set(KIND, &["later"], 2 * DAY).await;
    let mut transaction = fixture.pool.begin().await.unwrap();
    fixture.timers.cancel(&mut transaction, KIND, &["cancelled", "unknown"]).await.unwrap();
    fixture.bus.outbox().commit(transaction).await.unwrap();
    let mut undone = fixture.pool.begin().await.unwrap();
    fixture.timers.cancel(&mut undone, KIND, &["kept"]).await.unwrap();
    undone.rollback().await.unwrap();
    fixture.until_fired(1).await;
    assert_eq!(fixture.fired("earlier").await, 1);
    turn_clock(&fixture.pool, DAY).await;
    fixture.until_fired(2).await;
    let_others_have_their_turn(&fixture, 1).await;
    let fired = [fixture.fired("kept").await, fixture.fired("later").await, fixture.fired("cancelled").await];
    assert_eq!(fired, [1, 0, 0]);
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn of_a_timer_that_is_set_twice_at_once_the_last_counts_and_kinds_are_apart() {
    let fixture = Fixture::new().await;
    let mut transaction = fixture.pool.begin().await.unwrap();
    let timer = |kind, due| Timer { kind, key: "ann", due: Due::After(due) };
    let set = [timer(KIND, Duration::ZERO), timer(OTHER_KIND, Duration::ZERO), timer(KIND, DAY)];
    fixture.timers.set(&mut transaction, &set).await.unwrap();
    fixture.bus.outbox().commit(transaction).await.unwrap();
    let instance = fixture.start(&fixture.handler());
    fixture.until_fired(1).await;
    let_others_have_their_turn(&fixture, 1).await;
    assert_eq!(fixture.fired("ann").await, 1);
    assert_eq!(fixture.number("SELECT count(*) FROM bus.timers WHERE kind = 'reminder'").await, 1);
    instance.stop().await;
    fixture.end().await;
}

/// A thing is active for hours: its timer looks and sets itself again, and no activity writes a timer.
#[tokio::test]
async fn prolonging_is_lazy() {
    let fixture = Fixture::new().await;
    let mut handler = fixture.handler();
    handler.is_lazy = true;
    let instance = fixture.start(&handler);
    fixture.set(KIND, &["ann"], HOUR).await;
    let active = "INSERT INTO things (key, active_until) VALUES ('ann', bus.now() + interval '3 hours')";
    sqlx::query(active).execute(&fixture.pool).await.unwrap();
    let setting = "SELECT max(setting) FROM bus.timers";
    let first = fixture.number(setting).await;
    turn_clock(&fixture.pool, HOUR + Duration::from_secs(1)).await;
    eventually("it is set again", TIMEOUT, async || (fixture.number(setting).await > first).then_some(()))
        .await;
    let for_then = "SELECT count(*) FROM bus.timers JOIN things USING (key)
                    WHERE timers.due = active_until AND attempts = 0 AND fired = 0";
    assert_eq!(fixture.number(for_then).await, 1);
    turn_clock(&fixture.pool, 3 * HOUR + Duration::from_secs(1)).await;
    fixture.until_fired(1).await;
    assert_eq!(fixture.number("SELECT count(*) FROM bus.timers").await, 0);
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn what_is_set_stays_as_it_is_where_only_missing_timers_are_set() {
    let fixture = Fixture::new().await;
    fixture.set(KIND, &["ann"], DAY).await;
    let mut transaction = fixture.pool.begin().await.unwrap();
    let timers = ["ann", "dan"].map(|key| Timer { kind: KIND, key, due: Due::After(Duration::ZERO) });
    fixture.timers.set_missing(&mut transaction, &timers).await.unwrap();
    fixture.bus.outbox().commit(transaction).await.unwrap();
    let instance = fixture.start(&fixture.handler());
    let_others_have_their_turn(&fixture, 1).await;
    fixture.until_fired(3).await;
    assert_eq!([fixture.fired("ann").await, fixture.fired("dan").await], [0, 1]);
    instance.stop().await;
    fixture.end().await;
}
