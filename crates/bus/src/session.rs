//! Keeps a task running that needs the broker.
//!
//! A relay or a consumer is a *session*: connect, check that what it needs is there, work until something breaks.
//! [`supervise`] runs [sessions](Session) one after the other. Everything is set up from scratch in each, so a broker
//! restart, a closed channel and a deleted queue need no code of their own, and nothing stale (a channel, a delivery tag)
//! outlives its connection. lapin's own recovery stays off for that reason: it doesn't cover channel errors.

use std::time::{Duration, Instant};

use backon::BackoffBuilder;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::error::BusError;
use crate::health::{Health, HealthState};

/// A session that lived this long starts its retries from the shortest delay again.
const RESET_AFTER: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// A task that works for as long as everything that it needs is there.
pub(crate) trait Session: Sync {
    /// What it does, for logs.
    const ROLE: &'static str;

    fn health(&self) -> &Health;

    /// One session: connect, look, work. Ends with `Ok` only after `stop`.
    fn session(&self, stop: &CancellationToken) -> impl Future<Output = Result<(), BusError>> + Send;
}

/// Runs sessions until `stop`, with growing pauses after failures. Logs once that something broke, once what an operator
/// has to do about it, and once that it works again; the task's health knows it all the while.
pub(crate) async fn supervise<S: Session>(task: &S, stop: &CancellationToken) {
    let mut delays = delays();
    while !stop.is_cancelled() {
        let began = Instant::now();
        let Err(error) = task.session(stop).await else { continue };
        if stop.is_cancelled() {
            break;
        }
        let (before, reason) = (task.health().state(), error.to_string());
        let is_new =
            task.health().down(&reason) || error.needs_an_operator() && before != HealthState::Down(reason);
        if is_new {
            warn!(role = S::ROLE, %error, "interrupted; retrying");
        }
        if began.elapsed() > RESET_AFTER {
            delays = self::delays();
        }
        let pause = delays.next().unwrap_or(LONGEST_PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }
    info!(role = S::ROLE, "stopped");
}

fn delays() -> impl Iterator<Item = Duration> {
    backon::ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter()
        .without_max_times()
        .build()
}
