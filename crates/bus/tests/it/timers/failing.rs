//! A timer that can't be handled holds up no other.

use std::sync::PoisonError;
use std::time::Duration;

use cartwheel_bus::DatabaseLimits;
use testkit::{eventually, turn_clock};

use super::fixture::{Fixture, KIND, OTHER_KIND};
use crate::fixture::TIMEOUT;

const OTHERS: i64 = 300;

/// Sets the timers of others, and of one in the middle of them.
async fn set_among_others(fixture: &Fixture, poison: &str) {
    let mut keys: Vec<String> = (0..OTHERS).map(|number| format!("thing {number}")).collect();
    keys.insert(100, poison.to_owned());
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    fixture.set(KIND, &keys, Duration::ZERO).await;
    fixture.set(OTHER_KIND, &["other"], Duration::ZERO).await;
}

#[tokio::test]
async fn what_is_refused_is_tried_again_with_growing_delays_until_an_operator_must_decide() {
    let fixture = Fixture::new().await;
    let handler = fixture.handler();
    handler.refuses.lock().unwrap_or_else(PoisonError::into_inner).insert("poison".to_owned());
    set_among_others(&fixture, "poison").await;
    let instance = fixture.start(&handler);
    fixture.until_fired(OTHERS + 1).await;
    for (attempts, turned) in (1..=9).zip([0, 5, 30, 120, 500, 2000, 8000, 30_000, 60_000]) {
        turn_clock(&fixture.pool, Duration::from_secs(turned)).await;
        eventually(&format!("attempt {attempts}"), TIMEOUT, async || {
            // Not while it is being tried.
            let tried = "SELECT max(attempts)::bigint * (1 - bool_or(crashed)::int) FROM bus.timers";
            (fixture.number(tried).await >= attempts).then_some(())
        })
        .await;
    }
    let given_up =
        "SELECT count(*) FROM bus.timers WHERE next_attempt IS NULL AND error = 'refused' AND attempts = 9";
    fixture.until_number(given_up, 1).await;
    assert_eq!(*fixture.seen.failures.lock().unwrap(), 9);
    assert_eq!(fixture.fired("poison").await, 0);
    assert_eq!(fixture.number("SELECT count(*) FROM things WHERE fired <> 1").await, 0);
    // Set again, it is as new.
    handler.refuses.lock().unwrap_or_else(PoisonError::into_inner).clear();
    fixture.set(KIND, &["poison"], Duration::ZERO).await;
    fixture.until_fired(OTHERS + 2).await;
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn a_handler_that_panics_or_passes_over_an_sql_error_fails_at_that_timer_alone() {
    let fixture = Fixture::new().await;
    let mut handler = fixture.handler();
    handler.panics_at = Some("panic");
    handler.passes_over_errors_at = Some("error");
    set_among_others(&fixture, "panic").await;
    fixture.set(KIND, &["error"], Duration::ZERO).await;
    let instance = fixture.start(&handler);
    fixture.until_fired(OTHERS + 1).await;
    let failed = "SELECT count(*) FROM bus.timers WHERE attempts > 0 AND (
                      key = 'panic' AND error = 'the handler panicked'
                      OR key = 'error' AND error LIKE '%passed over an SQL error%')";
    fixture.until_number(failed, 2).await;
    assert_eq!(fixture.number("SELECT count(*) FROM things WHERE fired <> 1").await, 0);
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn a_timer_that_takes_too_long_in_the_database_fails_alone() {
    let limits = DatabaseLimits { statement: Some(Duration::from_secs(1)), ..DatabaseLimits::default() };
    let fixture = Fixture::with(|settings| settings, limits).await;
    let mut handler = fixture.handler();
    handler.slow_at = Some("slow");
    set_among_others(&fixture, "slow").await;
    let instance = fixture.start(&handler);
    fixture.until_fired(OTHERS + 1).await;
    fixture
        .until_number(
            "SELECT count(*) FROM bus.timers WHERE key = 'slow' AND error LIKE '%statement timeout%'",
            1,
        )
        .await;
    instance.stop().await;
    fixture.end().await;
}

/// It is in a batch with others each time, until it is tried alone.
#[tokio::test]
async fn a_timer_that_ends_the_process_is_given_up_and_all_others_fire() {
    let fixture = Fixture::new().await;
    let mut handler = fixture.handler();
    handler.hangs_at = Some("poison");
    set_among_others(&fixture, "poison").await;
    let mut crashes: u64 = 0;
    let given_up = "SELECT count(*) FROM bus.timers WHERE key = 'poison' AND next_attempt IS NULL
                        AND error LIKE '%in 5 attempts'";
    loop {
        let instance = fixture.start(&handler);
        let waiting = testkit::until_number(&fixture.pool, given_up, 1, TIMEOUT);
        tokio::select! {
            () = handler.hanging.notified() => {}
            () = waiting => {
                instance.stop().await;
                break;
            }
        }
        instance.kill().await;
        crashes += 1;
        assert!(crashes < 20, "it is never tried alone");
        turn_clock(&fixture.pool, Duration::from_hours(crashes)).await;
    }
    assert_eq!(crashes, 6, "once with others, five times alone");
    fixture.until_fired(OTHERS + 1).await;
    assert_eq!(fixture.number("SELECT count(*) FROM things WHERE fired <> 1").await, 0);
    fixture.end().await;
}

#[tokio::test]
async fn a_handler_that_hangs_is_interrupted_and_the_timer_is_tried_alone() {
    let set = |settings: cartwheel_bus::Settings| settings.handling_timeout(Duration::from_secs(3));
    let fixture = Fixture::with(set, DatabaseLimits::default()).await;
    let mut handler = fixture.handler();
    handler.hangs_at = Some("poison");
    set_among_others(&fixture, "poison").await;
    let instance = fixture.start(&handler);
    fixture.until_fired(OTHERS + 1).await;
    fixture.until_number("SELECT count(*) FROM bus.timers WHERE key = 'poison' AND attempts > 0", 1).await;
    instance.stop().await;
    fixture.end().await;
}
