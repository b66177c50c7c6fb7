//! Additions that come at the same time share a statement, which is a transaction of its own.

use sqlx::PgConnection;
use tokio::sync::{mpsc, oneshot};

use crate::addition::Addition;
use crate::database;

const BATCH: usize = 1000;

/// An addition, and whom to tell that it is durable.
pub struct Job {
    pub addition: Addition,
    pub committed: oneshot::Sender<()>,
}

/// Commits what comes, and hands it on to the relay.
pub async fn write(
    mut jobs: mpsc::Receiver<Job>,
    batches: mpsc::Sender<Vec<Addition>>,
    mut connection: PgConnection,
) -> anyhow::Result<()> {
    let mut gathered = Vec::with_capacity(BATCH);
    while jobs.recv_many(&mut gathered, BATCH).await > 0 {
        let (additions, waiting): (Vec<_>, Vec<_>) =
            gathered.drain(..).map(|job| (job.addition, job.committed)).unzip();
        database::append(&mut connection, &additions).await?;
        for committed in waiting {
            // The client may be gone.
            let _ = committed.send(());
        }
        batches.send(additions).await?;
    }
    Ok(())
}
