//! Records what came of calls, together with what follows from it.

use std::time::Duration;

use bus::{Outbox, OutboxError};
use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::{error, info, warn};

use super::outcome::{NextStep, Refusal};
use super::record::Record;
use super::store;
use super::target::{Settled, Target};
use crate::rows::lies_in_a_row;

/// The most calls that are recorded in one transaction.
const BATCH_SIZE: usize = 100;
const RETRY_DELAY: Duration = Duration::from_secs(1);

pub(super) struct Recorder<'a, T> {
    pub pool: &'a PgPool,
    pub outbox: &'a Outbox,
    pub target: &'a T,
}

impl<T: Target> Recorder<'_, T> {
    /// Records everything that comes, in batches.
    pub async fn run(self, mut records: mpsc::Receiver<Record>) {
        let mut batch = Vec::with_capacity(BATCH_SIZE);
        while records.recv_many(&mut batch, BATCH_SIZE).await > 0 {
            let together: Vec<&Record> = batch.iter().collect();
            if let Err(error) = self.record(&together).await {
                warn!(%error, calls = batch.len(), "calls can't be recorded together; recording each alone");
                for record in &batch {
                    self.record_alone(record).await;
                }
            }
            batch.clear();
        }
    }

    /// One that can't be recorded has failed. Otherwise it would be made again after each lease, forever.
    async fn record_alone(&self, record: &Record) {
        let Err(error) = self.record(&[record]).await else { return };
        error!(key = record.key, target_name = T::NAME, %error, "what came of a call can't be recorded; it has failed");
        let refusal = Refusal::without_code(format!("what came of it can't be recorded: {error}"));
        let record = Record { next: NextStep::Failed(refusal), ..record.clone() };
        let failed = async {
            let mut connection = self.pool.acquire().await?;
            store::record(&mut connection, &[&record]).await
        };
        if let Err(error) = failed.await {
            error!(key = record.key, target_name = T::NAME, %error, "a call can't be set aside");
        }
    }

    /// Retries until it succeeds: a call that is not recorded is made again.
    ///
    /// # Errors
    /// When the fault lies in one of the records.
    async fn record(&self, records: &[&Record]) -> Result<(), OutboxError> {
        let mut failing = false;
        let left = loop {
            match self.write(records).await {
                Ok(left) => break left,
                Err(OutboxError::Database(error)) if !lies_in_a_row(&error) => {
                    if !failing {
                        error!(%error, calls = records.len(), "calls that were made can't be recorded; retrying");
                    }
                    failing = true;
                }
                Err(error) => return Err(error),
            }
            sleep(RETRY_DELAY).await;
        };
        if failing {
            info!(calls = records.len(), "calls that were made are recorded");
        } else if left > 0 {
            warn!(
                calls = left,
                "calls were recorded too late: another caller has claimed them, and may make them again"
            );
        }
        Ok(())
    }

    /// Writes in one transaction. A call that another caller has claimed in the meantime is left to that one, so recording
    /// twice changes nothing. Returns how many were left.
    async fn write(&self, records: &[&Record]) -> Result<usize, OutboxError> {
        let mut transaction = self.pool.begin().await?;
        let own = store::record(&mut transaction, records).await?;
        let written = || records.iter().filter(|record| own.contains(&record.claim_id()));
        let settled: Vec<Settled<'_>> = written().filter_map(|record| record.settled()).collect();
        if !settled.is_empty() {
            self.target.record(&mut transaction, &settled).await?;
        }
        self.outbox.commit(transaction).await?;
        for record in written() {
            if let NextStep::Failed(refusal) = &record.next {
                warn!(
                    key = record.key,
                    target_name = T::NAME,
                    reason = refusal.reason,
                    "a call has failed for good"
                );
            }
        }
        Ok(records.len() - own.len())
    }
}
