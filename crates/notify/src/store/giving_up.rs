//! Gives up failed mails that nobody has sent again for long: their addresses are not kept forever.

use service::{calls, columns};
use uuid::Uuid;

use super::Store;
use super::enqueue::MAIL_SERVER;

const BATCH_SIZE: i64 = 1000;

impl Store {
    /// Gives up the failed mails whose addition was more than this many days ago. Returns how many.
    pub async fn give_up(&self, days: u16) -> sqlx::Result<u64> {
        let mut all = 0;
        loop {
            let given_up = self.give_up_some(days).await?;
            if given_up == 0 {
                return Ok(all);
            }
            all += given_up;
        }
    }

    /// The calls first, as who retries locks them: a mail that is sent again meanwhile keeps its address.
    async fn give_up_some(&self, days: u16) -> sqlx::Result<u64> {
        let old = "SELECT event_id FROM mails
                   WHERE status = 'failed' AND strpos(email, '…') = 0
                     AND queued_at < bus.now() - make_interval(days => $1)
                   ORDER BY queued_at LIMIT $2";
        let mut transaction = self.pool.begin().await?;
        let old: Vec<Uuid> = sqlx::query_scalar(old)
            .bind(i32::from(days))
            .bind(BATCH_SIZE)
            .fetch_all(&mut *transaction)
            .await?;
        if old.is_empty() {
            return Ok(0);
        }
        let keys: Vec<String> = old.iter().map(Uuid::to_string).collect();
        let calls = calls::give_up(&mut transaction, MAIL_SERVER, &keys).await?;
        let mask = sqlx::query(
            "UPDATE mails SET email = masked(email), address_hash = coalesce(address_hash, hash_of(email)),
                    attempts = coalesce(call.attempts, mails.attempts), error = coalesce(call.error, mails.error)
             FROM unnest($1::uuid[]) AS old (event_id)
             LEFT JOIN unnest($2::text[], $3::integer[], $4::text[]) AS call (key, attempts, error)
                  ON call.key = old.event_id::text
             WHERE mails.event_id = ANY($1) AND mails.event_id = old.event_id AND mails.status = 'failed'",
        );
        let mask = columns!(mask.bind(&old), for call in calls => call.key.as_str(), call.attempts, call.error.as_deref());
        let masked = mask.execute(&mut *transaction).await?.rows_affected();
        bus::commit(transaction).await?;
        Ok(masked)
    }
}
