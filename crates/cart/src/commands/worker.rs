use std::time::Duration;

use bus::{Health, Outbox, OutboxError, ReusedConnection, SqlErrorKind};
use tokio::sync::{mpsc, oneshot};
use tracing::{debug, error, warn};

use super::batch::{CommandBatch, Rules};
use super::reading::{Memories, read};
use super::request::{CommandError, CommandRequest, Outcome};
use crate::inactivity_timers::InactivityTimers;
use crate::store::{self, Conflict};

/// The most commands in one transaction.
const BATCH: usize = 256;
const RETRIES: u32 = 20;
/// How long a batch may take; its requests are answered sooner than they time out.
const BATCH_TIMEOUT: Duration = Duration::from_secs(10);
/// While nothing can be written and nobody asks, the database is looked at this often.
const LOOK: Duration = Duration::from_secs(1);

/// A command, and where its outcome goes.
pub(crate) struct Job {
    pub request: CommandRequest,
    pub reply: oneshot::Sender<Outcome>,
}

/// Decides and writes commands, a batch at a time.
pub(crate) struct Worker {
    pub jobs: mpsc::Receiver<Job>,
    pub connection: ReusedConnection,
    pub outbox: Outbox,
    pub rules: Rules,
    pub looks: InactivityTimers,
    pub memories: Memories,
    pub health: Health,
}

impl Worker {
    /// Works until nobody is left who could hand over a command: requests that are under way at a stop still finish.
    pub async fn run(mut self) {
        self.health.up();
        let mut jobs = Vec::with_capacity(BATCH);
        while self.receive(&mut jobs).await {
            self.health.busy();
            let (requests, replies): (Vec<_>, Vec<_>) =
                jobs.drain(..).map(|job| (job.request, job.reply)).unzip();
            for (reply, outcome) in replies.into_iter().zip(self.execute(&requests).await) {
                // The client may be gone; what was done stays done.
                let _ = reply.send(outcome);
            }
        }
    }

    /// Waits for commands; false when none can come any more.
    async fn receive(&mut self, jobs: &mut Vec<Job>) -> bool {
        loop {
            let received = self.jobs.recv_many(jobs, BATCH);
            if self.health.is_up() {
                return received.await > 0;
            }
            if let Ok(received) = tokio::time::timeout(LOOK, received).await {
                return received > 0;
            }
            if bus::within(BATCH_TIMEOUT, self.connection.lease()).await.is_ok() {
                self.report_progress();
            }
        }
    }

    /// One outcome per request, in the same order.
    async fn execute(&mut self, requests: &[CommandRequest]) -> Vec<Outcome> {
        let executed = self.execute_together(requests).await;
        self.or_apart(requests, executed, false).await
    }

    /// For requests that could not be written together: each is written with fewer others, unless the database is away.
    /// Nothing of them was written, so nothing is written twice.
    async fn or_apart(
        &mut self,
        requests: &[CommandRequest],
        executed: Result<Vec<Outcome>, OutboxError>,
        another_was_written: bool,
    ) -> Vec<Outcome> {
        let error = match executed {
            Ok(outcomes) => {
                self.report_progress();
                return outcomes;
            }
            Err(error) => error,
        };
        let kind = kind_of(&error);
        if requests.len() == 1 && kind == SqlErrorKind::Data {
            error!(%error, "a command can't be written");
            return vec![Err(CommandError::Failed)];
        }
        warn!(%error, commands = requests.len(), "commands could not be written");
        if requests.len() == 1 || kind == SqlErrorKind::Outage {
            if !another_was_written {
                self.health.down(&error.to_string());
            }
            return unavailable(requests);
        }
        if kind.is_unclear() && !another_was_written {
            return Box::pin(self.execute_one_first(requests)).await;
        }
        let (left, right) = requests.split_at(requests.len() / 2);
        let mut outcomes = self.execute_half(left, another_was_written).await;
        outcomes.extend(self.execute_half(right, another_was_written).await);
        outcomes
    }

    /// It isn't clear what is at fault, as with a time limit. If one of them can be written, another one is.
    async fn execute_one_first(&mut self, requests: &[CommandRequest]) -> Vec<Outcome> {
        let (first, rest) = requests.split_at(1);
        let executed = self.execute_together(first).await;
        let is_written = executed.is_ok();
        let mut outcomes = executed.unwrap_or_else(|_| unavailable(first));
        let (rest, last) = rest.split_at(rest.len() - 1);
        let executed = self.execute_together(last).await;
        let can_write = is_written || executed.is_ok();
        let last = Box::pin(self.or_apart(last, executed, can_write)).await;
        outcomes.extend(if can_write { self.execute_half(rest, true).await } else { unavailable(rest) });
        outcomes.extend(last);
        outcomes
    }

    async fn execute_half(&mut self, requests: &[CommandRequest], another_was_written: bool) -> Vec<Outcome> {
        if requests.is_empty() {
            return Vec::new();
        }
        let executed = self.execute_together(requests).await;
        Box::pin(self.or_apart(requests, executed, another_was_written)).await
    }

    fn report_progress(&self) {
        self.health.up();
        self.health.idle();
    }

    async fn execute_together(&mut self, requests: &[CommandRequest]) -> Result<Vec<Outcome>, OutboxError> {
        for attempt in 1..=RETRIES {
            match bus::within(BATCH_TIMEOUT, self.try_execute(requests)).await {
                Ok(outcomes) => return Ok(outcomes),
                Err(Conflict::Outrun) => {
                    debug!(attempt, "another instance changed the same cart or key; deciding again");
                    tokio::time::sleep(Duration::from_millis(u64::from(attempt))).await;
                }
                // Statements that were prepared before a migration: connections of that time are replaced now.
                Err(Conflict::Outbox(error)) if attempt == 1 && kind_of(&error) == SqlErrorKind::Schema => {
                    debug!(%error, "writing again, on another connection");
                }
                Err(Conflict::Outbox(error)) => return Err(error),
            }
        }
        Ok(unavailable(requests))
    }

    async fn try_execute(&mut self, requests: &[CommandRequest]) -> Result<Vec<Outcome>, Conflict> {
        let mut connection = self.connection.lease().await?;
        let read = read(&mut connection, requests, &mut self.memories).await?;
        let mut batch = CommandBatch::new(read, self.rules, &self.outbox);
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            outcomes.push(batch.decide(request)?);
        }
        let (mut changes, keys, looked_at) = batch.finish();
        if !changes.is_empty() || !keys.is_empty() {
            store::write(&mut connection, &self.outbox, &self.looks, &mut changes, &keys).await?;
        }
        self.connection.keep(connection);
        // Only now is it known how they are in the database.
        let written = changes.into_iter().map(|change| (change.cart_id, change.cart));
        written.chain(looked_at).for_each(|(id, cart)| self.memories.carts.put(id, cart));
        Ok(outcomes)
    }
}

fn unavailable(requests: &[CommandRequest]) -> Vec<Outcome> {
    vec![Err(CommandError::Unavailable); requests.len()]
}

fn kind_of(error: &OutboxError) -> SqlErrorKind {
    match error {
        OutboxError::Database(error) => SqlErrorKind::of(error),
        _ => SqlErrorKind::Data,
    }
}
