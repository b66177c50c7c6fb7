//! Makes claimed calls, one after the other.

use std::time::Duration;

use metrics::counter;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::circuit_breaker::CircuitBreaker;
use super::claim::Claim;
use super::outcome::{Outcome, Refusal};
use super::record::Record;
use super::target::Target;
use crate::telemetry::metrics::CALL_ATTEMPTS;

/// How long a worker waits when the target refuses it while it serves others.
const BUSY_DELAY: Duration = Duration::from_secs(1);
/// A session that idles for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// A claimed call that waits for a worker.
pub(super) struct Waiting<C> {
    pub claim: Claim,
    pub call: C,
    pub begin_by: Instant,
    /// Whether it is made to see if the target is back.
    pub trial: bool,
}

pub(super) struct Worker<'a, T: Target> {
    pub service: &'static str,
    pub target: &'a T,
    pub waiting: &'a Mutex<mpsc::Receiver<Waiting<T::Call>>>,
    pub to_recorder: mpsc::Sender<Record>,
    pub breaker: &'a CircuitBreaker,
    pub timeout: Duration,
    pub stop: &'a CancellationToken,
}

impl<T: Target> Worker<'_, T> {
    /// Makes calls until no more come.
    pub async fn run(self) {
        let mut session = self.target.session();
        loop {
            let next = async { self.waiting.lock().await.recv().await };
            let record = match timeout(IDLE_TIMEOUT, next).await {
                Ok(Some(waiting)) => self.work_on(waiting, &mut session).await,
                Ok(None) => break,
                Err(_) => {
                    self.target.close(&mut session).await;
                    continue;
                }
            };
            if self.to_recorder.send(record).await.is_err() {
                break;
            }
        }
        self.target.close(&mut session).await;
    }

    async fn work_on(&self, waiting: Waiting<T::Call>, session: &mut T::Session) -> Record {
        let Waiting { claim, call, begin_by, trial } = waiting;
        if self.stop.is_cancelled() || Instant::now() > begin_by || (self.breaker.is_open() && !trial) {
            if trial {
                self.breaker.abandon_trial();
            }
            return Record::released(claim);
        }
        let made = timeout(self.timeout, self.target.call(&call, session)).await;
        let outcome =
            made.unwrap_or_else(|_| Outcome::Unanswered(Refusal::without_code("no answer in time")));
        self.report(&claim, &outcome);
        if matches!(outcome, Outcome::Unavailable(_)) && !self.breaker.is_open() {
            let _ = self.stop.run_until_cancelled(sleep(BUSY_DELAY)).await;
        }
        Record::of(claim, outcome)
    }

    fn report(&self, claim: &Claim, outcome: &Outcome) {
        self.breaker.note(&claim.key, outcome);
        counter!(CALL_ATTEMPTS.name, "service" => self.service, "target" => T::NAME, "outcome" => outcome.name())
            .increment(1);
        if let Outcome::Doubtful(refusal) | Outcome::Unanswered(refusal) = outcome {
            warn!(key = claim.key, target_name = T::NAME, reason = refusal.reason, "a call is retried later");
        }
    }
}
