//! Says on standard error what is being done, for somebody who waits for it.

use std::fmt::Display;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, interval_at};

/// After so long, and again and again, it is said that a step still goes on.
const SILENCE: Duration = Duration::from_secs(5);

static IS_LOGGED: AtomicBool = AtomicBool::new(false);

/// From now on it is said in log lines: whoever reads those as JSON reads nothing else.
pub fn log() {
    IS_LOGGED.store(true, Ordering::Relaxed);
}

/// Says a line.
#[allow(clippy::print_stderr)]
pub fn say(line: impl Display) {
    if IS_LOGGED.load(Ordering::Relaxed) {
        tracing::info!("{line}");
    } else {
        eprintln!("{line}");
    }
}

/// Says what is done, and does it: `starting RabbitMQ`.
pub async fn step<T>(what: &str, work: impl Future<Output = T>) -> T {
    say(format_args!("{what} …"));
    let began = Instant::now();
    let mut ticks = interval_at(began + SILENCE, SILENCE);
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => say(format_args!("  still {what}: {} s", began.elapsed().as_secs())),
        }
    }
}
