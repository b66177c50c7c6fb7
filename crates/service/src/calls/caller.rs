//! Claims calls that are due, and has workers make them. Any number of callers may run, in any number of processes.

use std::time::Duration;

use bus::Outbox;
use futures::future::{join_all, join5};
use sqlx::PgPool;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::circuit_breaker::{Admission, CircuitBreaker};
use super::claim::Claim;
use super::forget::forget_settled;
use super::outcome::{Outcome, Refusal};
use super::record::Record;
use super::recorder::Recorder;
use super::store;
use super::target::{Loaded, Target};
use super::wake_up::WakeUp;
use super::watch::watch;
use super::worker::{Waiting, Worker};
use crate::rows::lies_in_a_row;

/// The maximum number of calls that are claimed in one transaction.
const BATCH_SIZE: usize = 100;
/// How often it looks for retries and for calls that other processes placed.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
const DATABASE_RETRY_DELAY: Duration = Duration::from_secs(1);
/// How much longer than its time limit a call may take: a target that ends it itself knows more about it. As long is left
/// to record it.
const GRACE: Duration = Duration::from_millis(250);

/// How many calls are made at a time, and how long each may take.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The number of calls that are made at the same time.
    pub workers: usize,
    /// How long a call may take. It is not begun so late that it could outlast its lease, which must be longer by more than
    /// half a second.
    pub timeout: Duration,
    /// How long a claim lasts. After a crash a call is made again when its claim has ended.
    pub lease: Duration,
}

/// Makes a service's calls to one target.
pub(crate) struct Caller<T> {
    pub service: &'static str,
    pub pool: PgPool,
    pub outbox: Outbox,
    pub target: T,
    pub pace: Pace,
    pub placed: WakeUp,
}

/// Where claimed calls go.
struct Claimed<C> {
    to_workers: mpsc::Sender<Waiting<C>>,
    to_recorder: mpsc::Sender<Record>,
}

impl<T: Target> Caller<T> {
    /// Makes calls until `stop`. Then those that were begun are finished and recorded, and the other claims released.
    pub async fn run(self, stop: CancellationToken) {
        let breaker = CircuitBreaker::new(self.service, T::NAME);
        let (to_workers, waiting) = mpsc::channel(2 * BATCH_SIZE);
        let (to_recorder, records) = mpsc::channel(BATCH_SIZE);
        let waiting = Mutex::new(waiting);
        let worker = |_| {
            let worker = Worker {
                service: self.service,
                target: &self.target,
                waiting: &waiting,
                to_recorder: to_recorder.clone(),
                breaker: &breaker,
                timeout: self.pace.timeout + GRACE,
                stop: &stop,
            };
            worker.run()
        };
        let workers = join_all((0..self.pace.workers).map(worker));
        let recorder = Recorder { pool: &self.pool, outbox: &self.outbox, target: &self.target };
        let claims = self.claim_all(Claimed { to_workers, to_recorder }, &breaker, &stop);
        let watching = watch(self.service, T::NAME, &self.pool, &stop);
        let forgetting = forget_settled(&self.pool, &stop);
        Box::pin(join5(claims, workers, recorder.run(records), watching, forgetting)).await;
    }

    /// Claims calls that are due, while there is room for them.
    async fn claim_all(&self, claimed: Claimed<T::Call>, breaker: &CircuitBreaker, stop: &CancellationToken) {
        let mut failing = false;
        loop {
            let ready = async {
                let admission = breaker.admission().await;
                Some((claimed.to_workers.reserve_many(BATCH_SIZE).await.ok()?, admission))
            };
            // A claim is not cancelled halfway: its calls would be stuck until the lease ends.
            let Some(Some((room, admission))) = stop.run_until_cancelled(ready).await else { return };
            let pause = match self.claim(room, &claimed.to_recorder, admission, breaker).await {
                Ok(BATCH_SIZE) => Duration::ZERO,
                Ok(_) => POLL_INTERVAL,
                Err(error) => {
                    if !failing {
                        warn!(target_name = T::NAME, %error, "calls can't be claimed; retrying");
                    }
                    failing = true;
                    let _ = stop.run_until_cancelled(sleep(DATABASE_RETRY_DELAY)).await;
                    continue;
                }
            };
            failing = false;
            let _ = stop.run_until_cancelled(timeout(pause, self.placed.received())).await;
        }
    }

    /// Returns the number of calls that were claimed.
    async fn claim(
        &self,
        room: mpsc::PermitIterator<'_, Waiting<T::Call>>,
        to_recorder: &mpsc::Sender<Record>,
        admission: Admission,
        breaker: &CircuitBreaker,
    ) -> sqlx::Result<usize> {
        // Measured from before the claim, so that a call that is begun in time ends before its lease.
        let begin_by = Instant::now() + self.pace.lease.saturating_sub(self.pace.timeout + 2 * GRACE);
        let trial = admission == Admission::Trial;
        let limit = if trial { 1 } else { BATCH_SIZE };
        let claims = store::claim(&self.pool, T::NAME, limit, self.pace.lease).await?;
        let keys: Vec<String> = claims.iter().map(|claim| claim.key.clone()).collect();
        let mut calls = match self.load(&keys).await {
            Ok(calls) => calls,
            Err(error) => {
                release(claims, to_recorder).await;
                return Err(error);
            }
        };
        let mut room = room;
        for claim in claims {
            let missing = || Err("what it says is missing".to_owned());
            match calls.remove(&claim.key).unwrap_or_else(missing) {
                Ok(call) => {
                    if trial {
                        breaker.begin_trial();
                    }
                    // There is room for as many as are claimed.
                    if let Some(place) = room.next() {
                        place.send(Waiting { claim, call, begin_by, trial });
                    }
                }
                Err(reason) => {
                    let outcome = Outcome::Refused(Refusal::without_code(reason));
                    let _ = to_recorder.send(Record::of(claim, outcome)).await;
                }
            }
        }
        Ok(keys.len())
    }

    /// What calls say. When the fault lies in one of them, each is read alone, so that it holds up no other.
    async fn load(&self, keys: &[String]) -> sqlx::Result<Loaded<T::Call>> {
        if keys.is_empty() {
            return Ok(Loaded::new());
        }
        match self.target.load(keys).await {
            Err(error) if lies_in_a_row(&error) => {}
            loaded => return loaded,
        }
        let mut calls = Loaded::new();
        for key in keys {
            match self.target.load(std::slice::from_ref(key)).await {
                Ok(loaded) => calls.extend(loaded),
                Err(error) if lies_in_a_row(&error) => {
                    calls.insert(key.clone(), Err(format!("what it says can't be read: {error}")));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(calls)
    }
}

async fn release(claims: Vec<Claim>, to_recorder: &mpsc::Sender<Record>) {
    for claim in claims {
        let _ = to_recorder.send(Record::released(claim)).await;
    }
}
