//! Publishes again the present state of all subjects of an aggregate.

use envelope::{Envelope, source_of};
use sqlx::{PgConnection, PgPool};

use super::Outbox;
use super::error::OutboxError;

/// How many subjects are published in one transaction.
const PAGE: i64 = 200;

impl Outbox {
    /// Publishes what `describe` says of each subject of an aggregate that has not ended: its whole present state, as
    /// [snapshot](Envelope::as_snapshot), and what may follow that. Returns how many subjects there are. The service may
    /// run: while a subject is described, none of its numbers is given to another. So `describe` must lock no row that
    /// those lock who append; it sees what they have committed.
    ///
    /// # Errors
    /// When the database can't be read or written, or `describe` fails. What was published before stays so.
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
