//! Gathers commands that come at the same time into one transaction.
//!
//! A request hands its command over and waits. The worker takes whatever is there, up to [`BATCH`], decides all of
//! it in memory and writes it at once; while it commits, the next commands gather. So the cost of a transaction is
//! shared, and commands on the same cart never get in each other's way within a process. Between processes a cart's
//! expected version sees to it: the batch is decided again on what the other one wrote.

use std::collections::BTreeSet;
use std::time::Duration;

use bus::{Outbox, OutboxError};
use envelope::Cause;
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};
use tracing::{debug, error, warn};
use uuid::Uuid;

use crate::batch::Batch;
use crate::cart::{Command, Limits, Refusal};
use crate::store::{self, Conflict, Key};

/// The most commands in one transaction.
const BATCH: usize = 256;
/// The most commands that wait for the worker; a request beyond waits before it is taken in.
const WAITING: usize = 4096;
const RETRIES: u32 = 20;

/// A command on its way.
pub(crate) struct Request {
    pub cart_id: Uuid,
    pub command: Command,
    pub cause: Cause,
    /// The key that the client gave, and the hash of what it wants.
    pub idempotency: Option<(Key, [u8; 32])>,
}

/// The cart after the command, as JSON.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub cart_id: Uuid,
    pub body: Vec<u8>,
}

/// Why a command got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// The cart's rules.
    Refused(Refusal),
    /// The database is away; perhaps it was done all the same.
    Unavailable,
}

pub(crate) type Outcome = Result<Answer, Unanswered>;

struct Job {
    request: Request,
    reply: oneshot::Sender<Outcome>,
}

/// Hands commands to the worker.
#[derive(Clone)]
pub(crate) struct Commands(mpsc::Sender<Job>);

/// Does the commands; see the module's text.
pub(crate) struct Worker {
    jobs: mpsc::Receiver<Job>,
    pool: PgPool,
    outbox: Outbox,
    limits: Limits,
}

pub(crate) fn gather(pool: PgPool, outbox: Outbox, limits: Limits) -> (Commands, Worker) {
    let (sender, jobs) = mpsc::channel(WAITING);
    (Commands(sender), Worker { jobs, pool, outbox, limits })
}

impl Commands {
    /// Has a command done and waits for the answer.
    pub async fn execute(&self, request: Request) -> Outcome {
        let (reply, answer) = oneshot::channel();
        let handed_over = self.0.send(Job { request, reply }).await;
        handed_over.map_err(|_| Unanswered::Unavailable)?;
        answer.await.unwrap_or(Err(Unanswered::Unavailable))
    }
}

impl Worker {
    /// Works until nobody is left who could hand over a command: requests that are under way at a stop still finish.
    pub async fn run(mut self) {
        let mut jobs = Vec::with_capacity(BATCH);
        while self.jobs.recv_many(&mut jobs, BATCH).await > 0 {
            let (requests, replies): (Vec<_>, Vec<_>) =
                jobs.drain(..).map(|job| (job.request, job.reply)).unzip();
            for (reply, outcome) in replies.into_iter().zip(self.execute(&requests).await) {
                // Whoever asked may be gone; what was done stays done.
                let _ = reply.send(outcome);
            }
        }
    }

    /// One outcome per request, in the same order.
    async fn execute(&self, requests: &[Request]) -> Vec<Outcome> {
        for attempt in 1..=RETRIES {
            match self.try_execute(requests).await {
                Ok(outcomes) => return outcomes,
                Err(Conflict::Outrun) => {
                    debug!(attempt, "somebody else was quicker; deciding again");
                    tokio::time::sleep(Duration::from_millis(u64::from(attempt))).await;
                }
                Err(Conflict::Outbox(error)) => {
                    warn!(%error, commands = requests.len(), "commands could not be written");
                    if requests.len() == 1 || is_transient(&error) {
                        break;
                    }
                    return self.execute_one_by_one(requests).await;
                }
            }
        }
        vec![Err(Unanswered::Unavailable); requests.len()]
    }

    /// One of them spoils it for all.
    async fn execute_one_by_one(&self, requests: &[Request]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            outcomes.extend(Box::pin(self.execute(std::slice::from_ref(request))).await);
        }
        outcomes
    }

    async fn try_execute(&self, requests: &[Request]) -> Result<Vec<Outcome>, Conflict> {
        let keys: Vec<Key> =
            requests.iter().filter_map(|request| Some(request.idempotency.as_ref()?.0.clone())).collect();
        let skus: BTreeSet<String> =
            requests.iter().filter_map(|r| r.command.sku().map(str::to_owned)).collect();
        let ids: BTreeSet<Uuid> = requests.iter().map(|request| request.cart_id).collect();
        let answered = store::answered(&self.pool, &keys).await?;
        let products = store::products(&self.pool, &skus).await?;
        let read = store::read(&self.pool, &ids).await?;
        let mut batch = Batch::new(read, products, answered, self.limits, &self.outbox);
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            outcomes.push(batch.decide(request)?);
        }
        let (changes, answers) = batch.finish();
        if !changes.is_empty() || !answers.is_empty() {
            store::write(&self.pool, &self.outbox, changes, &answers).await?;
        }
        Ok(outcomes)
    }
}

fn is_transient(error: &OutboxError) -> bool {
    matches!(error, OutboxError::Database(error) if bus::is_transient(error))
}

/// Forgets old answers now and then; only their number is worth a log line.
pub(crate) async fn forget_old_answers(pool: PgPool, stop: tokio_util::sync::CancellationToken) {
    let mut hourly = tokio::time::interval(Duration::from_hours(1));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = hourly.tick() => {}
        }
        match store::forget_answers(&pool).await {
            Ok(forgotten) => debug!(forgotten, "forgot the answers of old idempotency keys"),
            Err(error) => {
                error!(%error, "old idempotency keys could not be forgotten; trying again in an hour");
            }
        }
    }
}
