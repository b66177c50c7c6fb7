//! How a consumer gets over a time without its database.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::error::BusError;
use crate::health::Health;
use crate::inbox::interrupted::Interrupted;

/// A deadlock or a lost race is over by then, and no reason to report the consumer as down.
const REPORT_AFTER: Duration = Duration::from_millis(500);

/// A run of failures of the same piece of work. Nothing moves meanwhile; the work is tried again with growing pauses.
pub(crate) struct Outage<'a> {
    health: &'a Health,
    stop: &'a CancellationToken,
    timeout: Duration,
    began: Option<Instant>,
    pause: Duration,
}

impl<'a> Outage<'a> {
    /// After `timeout` it makes no sense to keep messages any longer.
    pub fn new(health: &'a Health, stop: &'a CancellationToken, timeout: Duration) -> Self {
        Self { health, stop, timeout, began: None, pause: Duration::from_millis(20) }
    }

    /// Returns when the work may be tried again; fails when that makes no sense any more.
    pub async fn wait(&mut self, error: Interrupted) -> Result<(), BusError> {
        let lasts = self.began.get_or_insert_with(Instant::now).elapsed();
        if self.stop.is_cancelled() || lasts > self.timeout {
            self.began = None;
            return Err(error.into());
        }
        if lasts > REPORT_AFTER && self.health.down(&error.to_string()) {
            warn!(%error, "event processing is interrupted; retrying");
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_secs(2));
        Ok(())
    }
}

impl Drop for Outage<'_> {
    /// The work succeeded, unless it was given up.
    fn drop(&mut self) {
        if self.began.is_some() {
            self.health.up();
        }
    }
}
