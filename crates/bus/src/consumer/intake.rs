//! Takes events in, wherever they come from: the queue or the event log. Gets over outages of the database, and stops
//! when the handler is at fault.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::consumer::circuit_breaker::CircuitBreaker;
use crate::consumer::outage::Outage;
use crate::consumer::timeouts::Timeouts;
use crate::error::BusError;
use crate::event_key::SubjectKey;
use crate::health::Health;
use crate::inbox::batch_processor::{BatchProcessor, Taken};
use crate::inbox::handler::Handler;
use crate::inbox::interrupted::Interrupted;
use crate::inbox::positions;
use crate::inbox::sequence_run::passed_over;
use crate::incoming::Incoming;
use crate::parking::attempts::{self, Due};
use crate::parking::first_of_subject;
use crate::parking::retries::{self, Outcome};

/// With this many events, a transaction gets no more messages.
pub(crate) const BATCH: usize = 256;

/// How many events of a subject are tried one after the other before others have their turn.
const RUN: usize = 32;
/// How many parked events are tried after a batch, because it may have brought what they wait for.
const AFTER_BATCH: usize = 64;
/// While all events of a batch fail, and it isn't clear why, it is tried again for this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// A batch processor that keeps trying.
pub(crate) struct Intake<H> {
    pub processor: BatchProcessor<H>,
    pub health: Health,
    pub timeouts: Timeouts,
    pub breaker: Arc<CircuitBreaker>,
    /// Notified when parked events are due that nobody is about to try.
    pub parked: Arc<Notify>,
}

impl<H: Handler> Intake<H> {
    /// The same, with other connections, for a task beside this one.
    pub fn beside(&self, task: &str, pool: PgPool) -> Self {
        Self {
            processor: BatchProcessor::new(self.processor.runner.on(pool)),
            health: Health::new(task),
            timeouts: self.timeouts,
            breaker: Arc::clone(&self.breaker),
            parked: Arc::clone(&self.parked),
        }
    }

    pub fn pool(&self) -> &PgPool {
        &self.processor.runner.pool
    }

    /// Fails when the database doesn't answer.
    pub async fn look_for_database(&self) -> Result<(), BusError> {
        Ok(within(self.timeouts.handling, self.ask()).await?)
    }

    /// Returns when the database answers, or fails when it hasn't for too long.
    pub async fn until_database_answers(&self, stop: &CancellationToken) -> Result<(), BusError> {
        self.retry_until_done(stop, || self.ask()).await
    }

    async fn ask(&self) -> Result<(), Interrupted> {
        sqlx::query("SELECT 1").execute(self.pool()).await?;
        Ok(())
    }

    /// Takes a batch. Those of its events that must wait for earlier ones are in the answer.
    pub async fn take(&self, events: &[&Incoming], stop: &CancellationToken) -> Result<Taken, BusError> {
        self.health.busy();
        let began = Instant::now();
        let take = || self.processor.take(events, began.elapsed() > PATIENCE);
        let taken = self.retry_until_done(stop, take).await?;
        self.breaker.note(taken.tried, taken.failed);
        self.try_next(&taken.to_retry).await;
        self.health.idle();
        Ok(taken)
    }

    /// Tries the parked events of these subjects that come next: a few, since others wait.
    async fn try_next(&self, subjects: &BTreeSet<SubjectKey>) {
        let mut left = AFTER_BATCH;
        for key in subjects {
            while left > 0 && matches!(self.retry_next(key).await, Ok(Outcome::Taken)) {
                left -= 1;
            }
        }
        // What is still due, also because the database or the handler was not in the mood.
        if !subjects.is_empty() {
            self.parked.notify_one();
        }
    }

    async fn retry_next(&self, key: &SubjectKey) -> Result<Outcome, Interrupted> {
        within(self.timeouts.handling, retries::retry_next(&self.processor.runner, key)).await
    }

    /// Fails while the handler is at fault, rather than the events.
    pub fn handler_must_work(&self) -> Result<(), BusError> {
        if self.breaker.is_open() { Err(BusError::HandlerAtFault) } else { Ok(()) }
    }

    /// Parks events that waited for an earlier one for long enough.
    pub async fn park_waiting(&self, events: &[&Incoming], stop: &CancellationToken) -> Result<(), BusError> {
        let subjects = self.retry_until_done(stop, || self.processor.park_waiting(events)).await?;
        self.try_next(&subjects).await;
        Ok(())
    }

    /// Parks events so that each is tried alone and its attempts are counted. Returns their subjects.
    pub async fn park_suspects(
        &self,
        events: &[&Incoming],
        stop: &CancellationToken,
    ) -> Result<BTreeSet<SubjectKey>, BusError> {
        self.retry_until_done(stop, || self.processor.park_suspects(events)).await
    }

    /// Tries the parked events of these subjects, each alone, as far as they are due.
    pub async fn try_alone(
        &self,
        subjects: &BTreeSet<SubjectKey>,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        for key in subjects {
            let next = || retries::retry_next(&self.processor.runner, key);
            for _ in 0..RUN {
                if self.retry_until_done(stop, next).await? != Outcome::Taken || stop.is_cancelled() {
                    break;
                }
            }
        }
        self.parked.notify_one();
        Ok(())
    }

    /// Tries some of the parked events that are due. Returns whether there may be more.
    pub async fn retry_some(&self, stop: &CancellationToken) -> Result<bool, BusError> {
        let due = self.within(attempts::due(self.pool())).await?;
        for Due { id, key } in &due {
            for number in 0..RUN {
                if stop.is_cancelled() {
                    return Ok(false);
                }
                match self.retry_next(key).await {
                    Ok(Outcome::Taken) => {}
                    Ok(Outcome::Nothing) if number == 0 => {
                        self.within(Box::pin(first_of_subject::put_right(self.pool(), key, *id))).await?;
                        break;
                    }
                    // Another one may well be taken.
                    Ok(_) | Err(Interrupted::Handler(_) | Interrupted::Late(_)) => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(!due.is_empty())
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
        let runs = passed_over(events);
        self.retry_until_done(stop, async || Ok(positions::pass_over(self.pool(), &runs).await?)).await
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

/// A connection that is half open would hang forever.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Interrupted>>,
) -> Result<T, Interrupted> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(Interrupted::Late(limit)))
}
