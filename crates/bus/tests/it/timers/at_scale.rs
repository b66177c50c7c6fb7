//! Timers that are not due cost nothing, and neither do those that have fired.

mod looks;

use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use testkit::{eventually, turn_clock};

use super::fixture::{Fixture, KIND};
use crate::fixture::TIMEOUT;
use looks::Looks;

/// What a look at one kind may touch.
const BUFFERS: f64 = 10.0;
/// The kinds of the handler.
const KINDS: f64 = 2.0;

/// Ten times as many timers: the first are due in ten days, the next an hour later, and so on.
async fn set_ten_times(fixture: &Fixture, number: i64) {
    let timers = "INSERT INTO bus.timers (kind, key, due, next_attempt)
                  SELECT $1, 'thing ' || n, due, due FROM (
                      SELECT n, bus.now() + interval '10 days' + interval '1 hour' * (n / $2) AS due
                      FROM generate_series(0, 10 * $2 - 1) AS n
                  ) AS timer";
    sqlx::query(timers).bind(KIND).bind(number).execute(&fixture.pool).await.unwrap();
}

/// Lets those fire that are due within this many hours of the first.
async fn fire(fixture: &Fixture, hours: u64) {
    turn_clock(&fixture.pool, Duration::from_hours(240 + hours) + Duration::from_mins(10)).await;
}

/// What the cheapest of the next looks touches: now and then, one starts at the beginning.
async fn cheapest(looks: &Looks) -> f64 {
    looks.forget();
    eventually("some looks", TIMEOUT, async || {
        let touched = looks.touched();
        (touched.len() >= 4).then(|| touched.into_iter().fold(f64::MAX, f64::min))
    })
    .await
}

#[tokio::test]
async fn a_look_touches_a_few_pages_beside_many_that_are_set_and_many_that_have_fired_under_an_open_snapshot()
{
    let fixture = Fixture::new().await;
    set_ten_times(&fixture, 10_000).await;
    looks::explain_all(&fixture).await;
    let looks = Looks::listen();
    // Keeps all that is deleted from now on.
    let mut snapshot = PgConnection::connect(&fixture.space.admin_database_url("orders")).await.unwrap();
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM bus.timers";
    sqlx::raw_sql(begin).execute(&mut snapshot).await.unwrap();
    let instance = fixture.start(&fixture.handler());
    let before = cheapest(&looks).await;
    assert!(before <= BUFFERS * KINDS, "{before} buffers");
    fire(&fixture, 0).await;
    fixture.until_fired(10_000).await;
    fire(&fixture, 1).await;
    fixture.until_fired(20_000).await;
    let after = cheapest(&looks).await;
    assert!(after <= BUFFERS * KINDS, "{after} buffers, and {before} before they fired");
    instance.stop().await;
    fixture.end().await;
}

/// A measurement: prints what it finds.
#[tokio::test]
#[ignore = "takes minutes: for the nightly run"]
#[allow(clippy::print_stderr)]
async fn a_hundred_thousand_fire_beside_a_million_that_are_set() {
    let fixture = Fixture::new().await;
    set_ten_times(&fixture, 100_000).await;
    let instance = fixture.start(&fixture.handler());
    let cpu = || std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (before, ticks) = (looks::busy_milliseconds(&fixture).await, cpu());
    tokio::time::sleep(Duration::from_secs(30)).await;
    let idle = looks::busy_milliseconds(&fixture).await - before;
    let own = looks::ticks(&cpu()) - looks::ticks(&ticks);
    eprintln!(
        "idle for 30 s: {idle} ms of PostgreSQL's time in its session, {own} hundredths of a second of this process"
    );
    let began = Instant::now();
    fire(&fixture, 0).await;
    let fired = "SELECT coalesce(sum(fired), 0)::bigint FROM things";
    testkit::until_number(&fixture.pool, fired, 100_000, Duration::from_mins(5)).await;
    eprintln!("100,000 timers with an event each: {:?}", began.elapsed());
    instance.stop().await;
    fixture.end().await;
}
