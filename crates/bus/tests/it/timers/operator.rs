//! What an operator sees of timers, and does about those that have failed.

use std::time::Duration;

use cartwheel_bus::timers::{self, Filter, ListedTimer, TimerState};
use testkit::eventually;

use super::fixture::{Fixture, KIND, OTHER_KIND};
use crate::fixture::TIMEOUT;

const DAY: Duration = Duration::from_hours(24);

async fn listed(fixture: &Fixture, filter: Filter) -> Vec<(String, String)> {
    let timers = timers::list(&fixture.pool, &filter).await.unwrap();
    timers.into_iter().map(|timer| (timer.key, timer.state)).collect()
}

/// Has those that the handler refuses given up.
async fn give_up(fixture: &Fixture) {
    let exhausted = "UPDATE bus.timers SET next_attempt = NULL WHERE attempts > 0";
    sqlx::query(exhausted).execute(&fixture.pool).await.unwrap();
}

async fn failed(fixture: &Fixture, number: usize) -> Vec<ListedTimer> {
    eventually("the failures", TIMEOUT, async || {
        let failed = timers::list(&fixture.pool, &Filter::default()).await.unwrap();
        (failed.len() == number).then_some(failed)
    })
    .await
}

#[tokio::test]
async fn failed_timers_are_listed_tried_again_and_discarded() {
    let fixture = Fixture::new().await;
    let handler = fixture.handler();
    handler.refuses.lock().unwrap().extend(["ann", "dan", "zoe"].map(str::to_owned));
    fixture.set(KIND, &["ann", "dan"], Duration::ZERO).await;
    fixture.set(OTHER_KIND, &["zoe"], Duration::ZERO).await;
    fixture.set(KIND, &["tomorrow"], DAY).await;
    let instance = fixture.start(&handler);
    let timers = failed(&fixture, 3).await;
    assert!(timers.iter().all(|timer| timer.error.as_deref() == Some("refused")));
    give_up(&fixture).await;
    let expected = [("zoe", "failed"), ("ann", "failed"), ("dan", "failed")];
    let expected = expected.map(|(key, state)| (key.to_owned(), state.to_owned()));
    assert_eq!(listed(&fixture, Filter::default()).await, expected);
    let backlog = fixture.bus.backlog().await.unwrap().timers;
    let of_kind = backlog.iter().find(|backlog| backlog.kind == KIND).unwrap();
    assert_eq!((of_kind.due, of_kind.retried, of_kind.failed), (0, 0, 2));

    handler.refuses.lock().unwrap().clear();
    let id = |key: &str| timers.iter().find(|timer| timer.key == key).unwrap().id;
    assert!(timers::discard(&fixture.pool, id("dan")).await.unwrap());
    assert!(!timers::discard(&fixture.pool, id("dan")).await.unwrap(), "there is none any more");
    assert!(timers::retry(&fixture.pool, id("zoe")).await.unwrap());
    fixture.until_fired(1).await;
    assert_eq!(timers::retry_all(&fixture.pool, KIND).await.unwrap(), 1);
    fixture.until_fired(2).await;
    assert_eq!(
        [fixture.fired("ann").await, fixture.fired("dan").await, fixture.fired("zoe").await],
        [1, 0, 1]
    );
    assert!(!timers::retry(&fixture.pool, id("ann")).await.unwrap());
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn timers_are_listed_by_what_they_wait_for() {
    let fixture = Fixture::new().await;
    fixture.set(KIND, &["b", "a"], DAY).await;
    fixture.set(OTHER_KIND, &["a", "c"], Duration::ZERO).await;
    let in_state = async |state| {
        let filter = Filter { state: Some(state), ..Filter::default() };
        listed(&fixture, filter).await.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    assert_eq!(in_state(TimerState::Set).await, ["a", "b"]);
    assert_eq!(in_state(TimerState::Due).await, ["a", "c"]);
    assert_eq!(in_state(TimerState::Failed).await, [""; 0]);
    assert_eq!(listed(&fixture, Filter::default()).await, []);
    let of_a = Filter { key: Some("a".to_owned()), ..Filter::default() };
    let states: Vec<String> =
        listed(&fixture, of_a.clone()).await.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, ["due", "set"], "by kind");
    let of_kind = Filter { kind: Some(KIND.to_owned()), ..of_a };
    assert_eq!(listed(&fixture, of_kind).await, [("a".to_owned(), "set".to_owned())]);
    let one = Filter { state: Some(TimerState::Due), limit: 1, ..Filter::default() };
    assert_eq!(listed(&fixture, one).await.len(), 1);
    assert_eq!(fixture.bus.backlog().await.unwrap().timers[0].due, 2);
    fixture.end().await;
}
