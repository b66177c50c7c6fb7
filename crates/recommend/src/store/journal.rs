//! The journal: the changes that the model learns, in the order of their commits.

use service::{Table, columns};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::model::Change;

/// The number of changes that are read at once.
const BATCH_SIZE: usize = 5000;

pub(super) const CHANGES: Table = Table { service: "recommend", name: "changes", key: "id" };

/// How far the journal was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalPosition {
    /// How often the journal was cleared before.
    pub epoch: i64,
    /// The number of the last change that was read.
    pub upto: i64,
}

/// What comes next in the journal.
pub enum JournalRead {
    /// The next changes.
    Next {
        /// In order; empty if there is nothing new.
        changes: Vec<Change>,
        /// Those among them that make no sense, and are passed over.
        unreadable: Vec<Unreadable>,
        /// The number of changes after these.
        left: i64,
    },
    /// The next changes are gone: the journal was cleared, or only a saved snapshot has them.
    Gone,
}

/// A change that can't be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Its number in the journal.
    pub id: i64,
    /// Why.
    pub error: sqlx::Error,
}

/// Appends changes. The journal's row stays locked until the transaction ends, so numbers have no gaps and follow the
/// order of the commits.
pub async fn append(connection: &mut PgConnection, changes: &[Change]) -> sqlx::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "WITH moved AS (UPDATE journal SET length = length + cardinality($1) RETURNING length - cardinality($1) AS before)
         INSERT INTO changes (id, change)
         SELECT moved.before + place, change::json
         FROM moved, unnest($1::text[]) WITH ORDINALITY AS new (change, place)",
    )
    .bind(changes.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>().map_err(encode)?)
    .execute(connection)
    .await?;
    Ok(())
}

fn encode(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}

impl JournalPosition {
    /// Reads the next changes, and moves behind them.
    pub async fn read(&mut self, pool: &PgPool) -> sqlx::Result<JournalRead> {
        // One statement, so that epoch and length are those of the changes.
        let rows = sqlx::query(
            "SELECT journal.epoch, journal.length, next.id, next.change
             FROM journal LEFT JOIN LATERAL
                  (SELECT id, change FROM changes WHERE id > $1 ORDER BY id LIMIT $2) AS next ON true",
        )
        .bind(self.upto)
        .bind(i64::try_from(BATCH_SIZE).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?;
        let (mut upto, mut length) = (self.upto, self.upto);
        let (mut changes, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            if row.try_get::<i64, _>(0)? != self.epoch {
                return Ok(JournalRead::Gone);
            }
            length = row.try_get(1)?;
            let Some(id) = row.try_get::<Option<i64>, _>(2)? else { break };
            if id != upto + 1 {
                return Ok(JournalRead::Gone);
            }
            upto = id;
            match row.try_get::<Json<Change>, _>(3) {
                Ok(Json(change)) => changes.push(change),
                Err(error) => unreadable.push(Unreadable { id, error }),
            }
        }
        let left = length - upto;
        if upto == self.upto && left > 0 {
            return Ok(JournalRead::Gone);
        }
        self.upto = upto;
        Ok(JournalRead::Next { changes, unreadable, left })
    }
}

/// Sets changes aside that can't be read: the journal forgets them with the next snapshot.
pub async fn set_aside(pool: &PgPool, unreadable: &[Unreadable]) -> sqlx::Result<()> {
    let insert = sqlx::query(
        "INSERT INTO unreadable_changes (id, change, error, found_at)
         SELECT id, change::text, error, bus.now()
         FROM changes JOIN unnest($1::bigint[], $2::text[]) AS found (id, error) USING (id)
         ON CONFLICT (id) DO NOTHING",
    );
    columns!(insert, for Unreadable { id, error } in unreadable => *id, error.to_string())
        .execute(pool)
        .await?;
    for Unreadable { id, error } in unreadable {
        CHANGES.report(&id.to_string(), error);
    }
    Ok(())
}

/// The key with which shoppers' numbers are made from their addresses.
pub async fn shopper_key(connection: &mut PgConnection) -> sqlx::Result<Uuid> {
    sqlx::query_scalar("SELECT key FROM journal").fetch_one(connection).await
}

/// Deletes everything that was learned, so that all instances start again. Which suggestions were published last
/// stays known.
pub async fn clear(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM snapshots").execute(&mut *connection).await?;
    sqlx::query("TRUNCATE cart_items, changes").execute(&mut *connection).await?;
    sqlx::query("UPDATE journal SET epoch = epoch + 1").execute(connection).await?;
    Ok(())
}
