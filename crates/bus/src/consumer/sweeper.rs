//! Works beside the consumer's loop, on a connection of its own, so that what is parked holds up nothing that comes: tries
//! the parked events that are due, and searches the event log for those that are missing.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::connection::Broker;
use crate::consumer::intake::Intake;
use crate::error::BusError;
use crate::event_log::replay::Replay;
use crate::event_log::{gap_search, rebuilding};
use crate::inbox::handler::Handler;
use crate::known_sources::KnownSources;
use crate::parking::first_of_subject::Walk;

/// How often it looks for what is due, unless it is woken, and for gaps.
const SWEEP: Duration = Duration::from_secs(1);

/// Tries what is parked and searches for what is missing.
pub(super) struct Sweeper<H> {
    pub service: String,
    pub broker: Broker,
    pub sources: KnownSources,
    pub intake: Intake<H>,
}

impl<H: Handler> Sweeper<H> {
    /// Works until `stop`; then it finishes the attempt that it has begun.
    pub async fn run(self, stop: CancellationToken) {
        let working = async { tokio::join!(self.try_what_is_due(&stop), self.search_for_gaps(&stop)) };
        let overdue = async {
            stop.cancelled().await;
            tokio::time::sleep(self.intake.timeouts.handling).await;
        };
        tokio::select! {
            _ = working => {}
            // One of its connections may be half open.
            () = overdue => {}
        }
    }

    async fn try_what_is_due(&self, stop: &CancellationToken) {
        let (mut all, mut for_others) = (Walk::over_all(), Walk::over_those_that_wait_for_others());
        let mut pause = SWEEP;
        while !stop.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // While more is due than it can try, it takes its pauses.
                () = self.intake.parked.notified(), if pause == SWEEP => {}
                () = stop.cancelled() => return,
            }
            let began = Instant::now();
            let more = self.sweep(&mut all, &mut for_others, stop).await.unwrap_or_else(|error| {
                // It is tried again, and the consumer says what is wrong with the database.
                debug!(%error, "parked events can't be tried");
                false
            });
            // As long as it worked: half of a core is for what comes.
            pause = if more { began.elapsed().min(SWEEP / 2) } else { SWEEP };
        }
    }

    /// Tries some of what is due. Returns whether there may be more.
    async fn sweep(
        &self,
        all: &mut Walk,
        for_others: &mut Walk,
        stop: &CancellationToken,
    ) -> Result<bool, BusError> {
        rebuilding::must_be_finished(&self.intake).await?;
        if self.intake.breaker.is_open() {
            self.intake.probe().await?;
            return Ok(false);
        }
        self.intake.within(Box::pin(for_others.step(self.intake.pool()))).await?;
        let more = self.intake.retry_some(stop).await?;
        if !more {
            self.intake.within(Box::pin(all.step(self.intake.pool()))).await?;
        }
        Ok(more)
    }

    /// Logs once when the log can't be searched.
    async fn search_for_gaps(&self, stop: &CancellationToken) {
        let mut worked = true;
        while stop.run_until_cancelled(tokio::time::sleep(SWEEP)).await.is_some() {
            let searched = self.search(stop).await;
            if let Err(error) = &searched
                && worked
                && !matches!(
                    error,
                    BusError::Database(_) | BusError::Interrupted(_) | BusError::HandlerAtFault
                )
            {
                warn!(%error, "the event log can't be searched for missing events; trying again until it can");
            }
            worked = searched.is_ok();
        }
    }

    async fn search(&self, stop: &CancellationToken) -> Result<(), BusError> {
        rebuilding::must_be_finished(&self.intake).await?;
        self.intake.handler_must_work()?;
        let replay = Replay {
            service: &self.service,
            broker: &self.broker,
            intake: &self.intake,
            accepts_short_log: true,
            sources: &self.sources,
            stop,
        };
        gap_search::close_gaps(&replay).await
    }
}

/// Connections of its own, so that what is parked takes none from what comes. Both of its tasks may need one.
pub(super) fn own_connections(pool: &PgPool, service: &str) -> PgPool {
    let options = (*pool.connect_options()).clone().application_name(&format!("{service} parked events"));
    let pool: PgPoolOptions = pool.options().clone();
    pool.min_connections(0).max_connections(2).connect_lazy_with(options)
}
