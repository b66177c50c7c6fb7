use std::collections::BTreeSet;
use std::time::Duration;

use bus::{Outbox, OutboxError};
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};
use tracing::{debug, error, warn};
use uuid::Uuid;

use super::batch::CommandBatch;
use super::request::{CommandError, CommandRequest, Outcome, RenderCart};
use crate::cart::Limits;
use crate::idempotency::IdempotencyKey;
use crate::store::{self, Conflict};

/// The most commands in one transaction.
const BATCH: usize = 256;
const RETRIES: u32 = 20;

/// A command, and where its outcome goes.
pub(crate) struct Job {
    pub request: CommandRequest,
    pub reply: oneshot::Sender<Outcome>,
}

/// Decides and writes commands, a batch at a time.
pub(crate) struct Worker {
    pub jobs: mpsc::Receiver<Job>,
    pub pool: PgPool,
    pub outbox: Outbox,
    pub limits: Limits,
    pub render: RenderCart,
}

impl Worker {
    /// Works until nobody is left who could hand over a command: requests that are under way at a stop still finish.
    pub async fn run(mut self) {
        let mut jobs = Vec::with_capacity(BATCH);
        while self.jobs.recv_many(&mut jobs, BATCH).await > 0 {
            let (requests, replies): (Vec<_>, Vec<_>) =
                jobs.drain(..).map(|job| (job.request, job.reply)).unzip();
            for (reply, outcome) in replies.into_iter().zip(self.execute(&requests).await) {
                // The client may be gone; what was done stays done.
                let _ = reply.send(outcome);
            }
        }
    }

    /// One outcome per request, in the same order.
    async fn execute(&self, requests: &[CommandRequest]) -> Vec<Outcome> {
        for attempt in 1..=RETRIES {
            match self.try_execute(requests).await {
                Ok(outcomes) => return outcomes,
                Err(Conflict::Outrun) => {
                    debug!(attempt, "another instance changed the same cart or key; deciding again");
                    tokio::time::sleep(Duration::from_millis(u64::from(attempt))).await;
                }
                Err(Conflict::Outbox(error)) if is_transient(&error) => {
                    warn!(%error, commands = requests.len(), "commands could not be written");
                    break;
                }
                Err(Conflict::Outbox(error)) if requests.len() == 1 => {
                    error!(%error, "a command can't be written");
                    return vec![Err(CommandError::Failed)];
                }
                Err(Conflict::Outbox(_)) => return self.execute_in_halves(requests).await,
            }
        }
        vec![Err(CommandError::Unavailable); requests.len()]
    }

    /// For a batch that can't be written because of one of its commands: halves of halves find it in few transactions,
    /// and the others are written. In their order: they may be about the same cart.
    async fn execute_in_halves(&self, requests: &[CommandRequest]) -> Vec<Outcome> {
        let (first, second) = requests.split_at(requests.len() / 2);
        let mut outcomes = Box::pin(self.execute(first)).await;
        outcomes.extend(Box::pin(self.execute(second)).await);
        outcomes
    }

    async fn try_execute(&self, requests: &[CommandRequest]) -> Result<Vec<Outcome>, Conflict> {
        let keys: Vec<IdempotencyKey> =
            requests.iter().filter_map(|request| Some(request.idempotency.as_ref()?.0.clone())).collect();
        let skus: BTreeSet<String> =
            requests.iter().filter_map(|request| request.command.sku().map(str::to_owned)).collect();
        let ids: BTreeSet<Uuid> = requests.iter().map(|request| request.cart_id).collect();
        let answers = store::remembered_answers(&self.pool, &keys).await?;
        let products = store::products(&self.pool, &skus).await?;
        let read = store::read_carts(&self.pool, &ids).await?;
        let mut batch = CommandBatch::new(read, products, answers, self.limits, &self.outbox, self.render);
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
