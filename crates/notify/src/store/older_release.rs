//! Adopts mails of the release before, in which a mail's row was its call, too. That release may run beside this one.

use super::Store;
use super::enqueue::{MAIL_SERVER, NOT_BY_ITSELF};

const BATCH_SIZE: i64 = 1000;

impl Store {
    /// Places calls for mails that have none: queued ones that no sender has claimed, and failed ones. Returns how many.
    pub async fn adopt(&self) -> sqlx::Result<u64> {
        let mut adopted = 0;
        loop {
            let batch = self.adopt_queued().await? + self.adopt_failed().await?;
            if batch == 0 {
                return Ok(adopted);
            }
            adopted += batch;
        }
    }

    async fn adopt_queued(&self) -> sqlx::Result<u64> {
        let adopted = sqlx::query(
            "WITH queued AS MATERIALIZED (
                 SELECT event_id, attempts, next_attempt, queued_at, error FROM mails
                 WHERE status = 'queued' AND next_attempt < $2::timestamptz
                   AND (leased_until IS NULL OR leased_until < bus.now())
                 ORDER BY next_attempt, event_id LIMIT $3
                 FOR UPDATE SKIP LOCKED
             ), placed AS (
                 INSERT INTO calls.calls (key, target, attempts, next_attempt, placed_at, error)
                 SELECT event_id::text, $1, attempts, next_attempt, queued_at, error FROM queued
                 ON CONFLICT (key) DO NOTHING
             )
             UPDATE mails AS mail
             SET next_attempt = $2::timestamptz, leased_until = NULL,
                 address_hash = hash_of(email)
             FROM queued WHERE mail.event_id = ANY (ARRAY(SELECT event_id FROM queued)) AND mail.event_id = queued.event_id",
        );
        let adopted = adopted.bind(MAIL_SERVER).bind(NOT_BY_ITSELF).bind(BATCH_SIZE);
        Ok(adopted.execute(&self.pool).await?.rows_affected())
    }

    async fn adopt_failed(&self) -> sqlx::Result<u64> {
        let adopted = sqlx::query(
            "INSERT INTO calls.calls (key, target, state, attempts, placed_at, settled_at, error)
             SELECT event_id::text, $1, 'failed', attempts, queued_at, queued_at, error FROM mails
             WHERE status = 'failed' AND strpos(email, '…') = 0
               AND NOT EXISTS (SELECT FROM calls.calls WHERE key = mails.event_id::text)
             LIMIT $2
             ON CONFLICT (key) DO NOTHING",
        );
        Ok(adopted.bind(MAIL_SERVER).bind(BATCH_SIZE).execute(&self.pool).await?.rows_affected())
    }
}
