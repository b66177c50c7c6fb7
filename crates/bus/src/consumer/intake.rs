//! Takes events in, wherever they come from: the queue or the event log. Gets over outages of the database, and stops
//! when the handler is at fault.

use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::consumer::circuit_breaker::CircuitBreaker;
use crate::consumer::outage::Outage;
use crate::consumer::timeouts::Timeouts;
use crate::error::BusError;
use crate::health::Health;
use crate::inbox::batch_processor::{BatchProcessor, Taken};
use crate::inbox::handler::Handler;
use crate::inbox::interrupted::Interrupted;
use crate::inbox::positions;
use crate::inbox::span::passed_over;
use crate::incoming::Incoming;
use crate::parking::retries;

/// The most events in one transaction.
pub(crate) const BATCH: usize = 256;

/// A batch processor that keeps trying.
pub(crate) struct Intake<H> {
    pub processor: BatchProcessor<H>,
    pub health: Health,
    pub timeouts: Timeouts,
    pub breaker: CircuitBreaker,
}

impl<H: Handler> Intake<H> {
    pub fn pool(&self) -> &PgPool {
        &self.processor.runner.pool
    }

    /// Fails when the database doesn't answer.
    pub async fn look_for_database(&self) -> Result<(), BusError> {
        let look = async { Ok(sqlx::query("SELECT 1").execute(self.pool()).await?) };
        within(self.timeouts.handling, look).await?;
        Ok(())
    }

    /// Takes a batch. Those of its events that must wait for earlier ones are in the answer.
    pub async fn take(&self, events: &[&Incoming], stop: &CancellationToken) -> Result<Taken, BusError> {
        let taken = self.retry_until_done(stop, || self.processor.take(events)).await?;
        self.breaker.note(taken.tried, taken.failed);
        Ok(taken)
    }

    /// Fails while the handler is at fault, rather than the events.
    pub fn handler_must_work(&self) -> Result<(), BusError> {
        if self.breaker.is_open() { Err(BusError::HandlerAtFault) } else { Ok(()) }
    }

    /// Parks events that waited for an earlier one for long enough.
    pub async fn park_waiting(&self, events: &[&Incoming], stop: &CancellationToken) -> Result<(), BusError> {
        self.retry_until_done(stop, || self.processor.park_waiting(events)).await
    }

    /// Parks events so that each is tried alone and its attempts are counted.
    pub async fn park_suspects(
        &self,
        events: &[&Incoming],
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        self.retry_until_done(stop, || self.processor.park_suspects(events)).await
    }

    /// Tries the parked events that are due.
    pub async fn retry_due(&self, stop: &CancellationToken) -> Result<(), BusError> {
        self.retry_until_done(stop, || retries::retry_due(&self.processor.runner)).await
    }

    /// Tries some of the parked events while the circuit breaker is open, and closes it when the handler takes them.
    pub async fn probe(&self) -> Result<(), BusError> {
        if within(self.timeouts.handling, retries::probe(&self.processor.runner)).await? {
            info!("the handler processes events again");
            self.breaker.close();
        }
        self.handler_must_work()
    }

    /// Moves positions past these events, without any effect.
    pub async fn pass_over(&self, events: &[Incoming], stop: &CancellationToken) -> Result<(), BusError> {
        let spans = passed_over(events);
        self.retry_until_done(stop, async || Ok(positions::pass_over(self.pool(), &spans).await?)).await
    }

    /// One question or statement, within the time that a batch may take.
    pub async fn within<T>(&self, work: impl Future<Output = sqlx::Result<T>>) -> Result<T, BusError> {
        Ok(within(self.timeouts.handling, async { Ok(work.await?) }).await?)
    }

    /// Deletes the positions of subjects that ended long ago.
    pub async fn prune(&self) -> Result<(), BusError> {
        let pruning = async { Ok(positions::prune(self.pool(), self.timeouts.ended).await?) };
        let pruned = within(self.timeouts.handling, pruning).await?;
        if pruned > 0 {
            debug!(positions = pruned, "deleted the positions of ended subjects");
        }
        Ok(())
    }

    /// Does a piece of work in the database, again and again until it is done or makes no sense any more.
    async fn retry_until_done<T, W>(
        &self,
        stop: &CancellationToken,
        work: impl Fn() -> W,
    ) -> Result<T, BusError>
    where
        W: Future<Output = Result<T, Interrupted>>,
    {
        let mut outage = Outage::new(&self.health, stop, self.timeouts.outage);
        loop {
            match within(self.timeouts.handling, work()).await {
                Ok(done) => return Ok(done),
                Err(error) => outage.wait(error).await?,
            }
        }
    }
}

/// A connection that is half open would hang for ever.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Interrupted>>,
) -> Result<T, Interrupted> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(Interrupted::Late(limit)))
}
