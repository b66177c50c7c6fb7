//! Saved snapshots of the model, from which a start continues instead of learning everything again.

use sqlx::{PgPool, Row};

use super::journal::JournalPosition;

/// Increased when the format of the bytes changes.
const FORMAT: i16 = 1;

/// The newest snapshot, in parts, and the journal's position after it. No parts, and the journal's beginning, if
/// there is none.
pub async fn load_snapshot(pool: &PgPool) -> sqlx::Result<(JournalPosition, Vec<Vec<u8>>)> {
    // One statement, so that nobody deletes the snapshot in between.
    let rows = sqlx::query(
        "SELECT journal.epoch, newest.upto, snapshot_parts.body
         FROM journal
         LEFT JOIN LATERAL (SELECT epoch, upto FROM snapshots WHERE epoch = journal.epoch AND format = $1
                            ORDER BY upto DESC LIMIT 1) AS newest ON true
         LEFT JOIN snapshot_parts ON snapshot_parts.epoch = newest.epoch AND snapshot_parts.upto = newest.upto",
    )
    .bind(FORMAT)
    .fetch_all(pool)
    .await?;
    let mut position = JournalPosition::default();
    let mut parts = Vec::with_capacity(rows.len());
    for row in &rows {
        position.epoch = row.try_get(0)?;
        let Some(upto) = row.try_get(1)? else { break };
        position.upto = upto;
        parts.extend(row.try_get::<Option<Vec<u8>>, _>(2)?);
    }
    if parts.is_empty() {
        // Numbers continue after the journal was cleared.
        position.upto =
            sqlx::query_scalar("SELECT coalesce(min(id) - 1, (SELECT length FROM journal)) FROM changes")
                .fetch_one(pool)
                .await?;
    }
    Ok((position, parts))
}

/// Saves a snapshot, and deletes what is no longer needed: older snapshots, and changes that are in this one and
/// whose carts' suggestions were published.
pub async fn save_snapshot(pool: &PgPool, position: JournalPosition, parts: &[Vec<u8>]) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    let saved = sqlx::query(
        "INSERT INTO snapshots (epoch, upto, format)
         SELECT $1, $2, $3 FROM journal WHERE epoch = $1 ON CONFLICT DO NOTHING",
    )
    .bind(position.epoch)
    .bind(position.upto)
    .bind(FORMAT)
    .execute(&mut *transaction)
    .await?;
    if saved.rows_affected() == 0 {
        // Another instance was faster, or the journal was cleared in the meantime.
        return Ok(());
    }
    for (number, part) in (0_i32..).zip(parts) {
        sqlx::query("INSERT INTO snapshot_parts (epoch, upto, part, body) VALUES ($1, $2, $3, $4)")
            .bind(position.epoch)
            .bind(position.upto)
            .bind(number)
            .bind(part)
            .execute(&mut *transaction)
            .await?;
    }
    sqlx::query("DELETE FROM snapshots WHERE (epoch, upto) < ($1, $2)")
        .bind(position.epoch)
        .bind(position.upto)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("DELETE FROM changes WHERE id <= least($1, (SELECT upto FROM telling))")
        .bind(position.upto)
        .execute(&mut *transaction)
        .await?;
    bus::commit(transaction).await
}
