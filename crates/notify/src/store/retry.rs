//! Sends failed mails again, when an operator says so.

use service::calls::{self, Failures, Which};
use sqlx::PgConnection;
use uuid::Uuid;

use super::enqueue::{MAIL_SERVER, NOT_BY_ITSELF};
use super::{Status, Store};

/// What came of the wish to send a mail again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It will be.
    Queued,
    /// It failed long ago, and its address is no longer known.
    GivenUp,
    /// It has not failed.
    NotFailed(Status),
    /// There is none.
    Unknown,
}

impl Store {
    /// Queues a failed mail again.
    pub async fn retry(&self, event_id: Uuid) -> sqlx::Result<Retried> {
        let mut transaction = self.pool.begin().await?;
        if calls::retry_one(&mut transaction, MAIL_SERVER, &event_id.to_string()).await? {
            queue_again(&mut transaction, &[event_id]).await?;
            bus::commit(transaction).await?;
            return Ok(Retried::Queued);
        }
        let status = sqlx::query_scalar::<_, String>("SELECT status FROM mails WHERE event_id = $1")
            .bind(event_id)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(status) = status else { return Ok(Retried::Unknown) };
        Ok(match Status::read(&status)? {
            Status::Failed => Retried::GivenUp,
            other => Retried::NotFailed(other),
        })
    }

    /// Queues failed mails again, and returns how many.
    pub async fn retry_failed(&self, which: Which<'_>) -> sqlx::Result<usize> {
        let mut transaction = self.pool.begin().await?;
        let keys = calls::retry(&mut transaction, MAIL_SERVER, which).await?;
        let mails: Vec<Uuid> = keys.iter().filter_map(|key| key.parse().ok()).collect();
        queue_again(&mut transaction, &mails).await?;
        bus::commit(transaction).await?;
        Ok(mails.len())
    }

    /// Why mails have failed, the most frequent errors first.
    pub async fn failures(&self, which: Which<'_>) -> sqlx::Result<Vec<Failures>> {
        calls::failures(&self.pool, MAIL_SERVER, which).await
    }
}

async fn queue_again(connection: &mut PgConnection, mails: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE mails SET status = 'queued', next_attempt = $2::timestamptz, error = NULL
         WHERE event_id = ANY($1) AND status = 'failed'",
    )
    .bind(mails)
    .bind(NOT_BY_ITSELF)
    .execute(connection)
    .await?;
    Ok(())
}
