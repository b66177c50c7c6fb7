//! Says on standard error what is being done, for somebody who waits for it.

use std::fmt::Display;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, interval_at};

/// After so long, and again and again, it is said that a step still goes on.
const SILENCE: Duration = Duration::from_secs(5);

/// Says a line.
#[allow(clippy::print_stderr)]
pub fn say(line: impl Display) {
    eprintln!("{line}");
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
