//! Publishes the present state of all subjects of an aggregate again.

use envelope::{Envelope, source_of};
use sqlx::{PgConnection, PgPool};

use super::Outbox;
use super::error::OutboxError;

/// How many subjects are published in one transaction.
const PAGE: i64 = 200;

impl Outbox {
    /// Publishes what `describe` returns for each subject of an aggregate that has not ended: its whole present state as a
    /// [snapshot](Envelope::as_snapshot), and events that follow from that, if any. Returns the number of subjects. The
    /// service may keep running: while a subject is described, its numbers are locked. So `describe` must not lock any row
    /// that code which appends events locks; it sees what that code has committed.
    ///
    /// # Errors
    /// When the database can't be read or written, or `describe` fails. What was published before that stays published.
    pub async fn republish<E: From<OutboxError> + From<sqlx::Error>>(
        &self,
        pool: &PgPool,
        aggregate: &str,
        describe: impl AsyncFn(&mut PgConnection, Vec<String>) -> Result<Vec<Envelope>, E>,
    ) -> Result<usize, E> {
        let (mut after, mut published) = (String::new(), 0);
        loop {
            let mut transaction = pool.begin().await?;
            let subjects = lock_subjects_after(&mut transaction, &source_of(aggregate), &after).await?;
            let Some(last) = subjects.last() else { return Ok(published) };
            after.clone_from(last);
            published += subjects.len();
            let events = describe(&mut transaction, subjects).await?;
            self.append(&mut transaction, events).await?;
            self.commit(transaction).await?;
        }
    }
}

async fn lock_subjects_after(
    connection: &mut PgConnection,
    source: &str,
    after: &str,
) -> sqlx::Result<Vec<String>> {
    let query = "SELECT subject FROM bus.sequences
                 WHERE source = $1 AND subject > $2 AND ended_at IS NULL ORDER BY subject LIMIT $3 FOR UPDATE";
    sqlx::query_scalar(query).bind(source).bind(after).bind(PAGE).fetch_all(connection).await
}
