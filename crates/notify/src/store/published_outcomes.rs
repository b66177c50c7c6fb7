//! What became of mails after the backup that the database was restored from.

use std::collections::BTreeMap;

use service::{calls, columns};
use sqlx::PgConnection;
use uuid::Uuid;

/// What an event says of a mail.
pub struct PublishedOutcome {
    /// The event of the addition that the mail is about.
    pub about: Uuid,
    /// Sent, or failed.
    pub is_sent: bool,
}

/// Writes outcomes down until their mails are known; the last one of a mail counts.
pub async fn write_published_outcomes(
    connection: &mut PgConnection,
    outcomes: &[PublishedOutcome],
) -> sqlx::Result<()> {
    let last: BTreeMap<Uuid, bool> =
        outcomes.iter().map(|outcome| (outcome.about, outcome.is_sent)).collect();
    let upsert = sqlx::query(
        "INSERT INTO published_outcomes (event_id, is_sent) SELECT * FROM unnest($1::uuid[], $2::boolean[])
         ON CONFLICT (event_id) DO UPDATE SET is_sent = EXCLUDED.is_sent",
    );
    columns!(upsert, for (about, is_sent) in &last => *about, *is_sent).execute(connection).await?;
    Ok(())
}

/// Settles the mails, and their calls, whose outcomes are known.
pub async fn settle_as_published(connection: &mut PgConnection) -> sqlx::Result<()> {
    let settle = "WITH settled AS (
             UPDATE mails AS mail
             SET status = CASE WHEN is_sent THEN 'sent' ELSE 'failed' END, next_attempt = NULL, leased_until = NULL,
                 sent_at = CASE WHEN is_sent THEN now() END, email = CASE WHEN is_sent THEN masked(email) ELSE email END,
                 address_hash = coalesce(address_hash, hash_of(email))
             FROM published_outcomes AS outcome
             WHERE mail.event_id = outcome.event_id AND status IN ('queued', 'failed')
             RETURNING mail.event_id, is_sent
         ), gone AS (
             DELETE FROM published_outcomes WHERE event_id IN (SELECT event_id FROM settled)
         )
         SELECT event_id::text, is_sent FROM settled";
    let settled: Vec<(String, bool)> = sqlx::query_as(settle).fetch_all(&mut *connection).await?;
    for is_sent in [true, false] {
        let keys: Vec<&str> =
            settled.iter().filter(|(_, sent)| *sent == is_sent).map(|(key, _)| key.as_str()).collect();
        calls::settle(connection, &keys, is_sent).await?;
    }
    Ok(())
}
