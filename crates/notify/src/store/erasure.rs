//! Erases shoppers' addresses once nobody writes to them again: of carts that have ended, and of mails that the release
//! before has sent. A mail of this release is masked by the statement that records it as sent.

use sqlx::PgConnection;
use uuid::Uuid;

use super::Store;

const BATCH_SIZE: i64 = 1000;

/// Deletes the addresses of the shoppers of carts that have ended.
pub(super) async fn delete_recipients(connection: &mut PgConnection, ended: &[&Uuid]) -> sqlx::Result<()> {
    if !ended.is_empty() {
        let delete = sqlx::query("DELETE FROM shoppers WHERE cart_id = ANY($1)");
        delete.bind(ended).execute(connection).await?;
    }
    Ok(())
}

impl Store {
    /// Masks the addresses of mails that were sent.
    pub async fn mask_sent(&self) -> sqlx::Result<()> {
        // Behind those before: the index still has what was masked, until the table is vacuumed.
        let mask = "UPDATE mails SET email = masked(email), address_hash = coalesce(address_hash, hash_of(email))
                    WHERE event_id = ANY (ARRAY(
                        SELECT event_id FROM mails WHERE status = 'sent' AND strpos(email, '…') = 0 AND event_id > $1
                        ORDER BY event_id LIMIT $2))
                    RETURNING event_id";
        let mut last = Some(Uuid::nil());
        while let Some(after) = last {
            let masked = sqlx::query_scalar(mask).bind(after).bind(BATCH_SIZE);
            last = masked.fetch_all(&self.pool).await?.into_iter().max();
        }
        Ok(())
    }
}
