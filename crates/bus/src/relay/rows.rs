//! The SQL that reads the outbox's rows and deletes those that were published.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use crate::error::BusError;
use crate::lock_session::{self, answer};
use crate::outbox_row::OutboxRow;
use crate::relay::lock;
use crate::relay::scan_start::ScanStart;
use crate::renamed_source::RenamedSources;

/// How many events are on their way to the broker unconfirmed. The window decides the speed (measured with one event a
/// message: 500 to 730 messages/s with a window of one, 7,000 to 15,000 with 500 to 1000).
pub(super) const WINDOW: u16 = 1000;

/// Few at a time, so that what is to be published waits for no more than moments.
const PRUNED_AT_ONCE: i64 = 1000;

/// The outbox, as the relay's connection sees it.
pub(super) struct Rows {
    connection: PgConnection,
    scan_start: ScanStart,
    /// What rows that name no source were written under, by a former release.
    renamed_source: String,
    renamed_sources: RenamedSources,
}

impl Rows {
    pub async fn connect(
        options: &PgConnectOptions,
        service: &str,
        renamed_sources: &RenamedSources,
    ) -> Result<Self, BusError> {
        Ok(Self {
            connection: lock::connect(options, service).await?,
            scan_start: ScanStart::default(),
            renamed_source: format!("/{service}"),
            renamed_sources: renamed_sources.clone(),
        })
    }

    /// Whether this relay is the active one now.
    pub async fn lock(&mut self) -> Result<bool, BusError> {
        lock_session::acquire(&mut self.connection, lock::LOCK).await
    }

    /// Keeps the lock while there is nothing to read or delete.
    pub async fn keep_lock(&mut self) -> Result<(), BusError> {
        lock_session::keep(&mut self.connection).await
    }

    /// The next rows to publish, in the outbox's order. What the broker refused is left out, and what follows it in
    /// its subject; so is what was published and waits for its confirm, unless `published_too`.
    pub async fn next(&mut self, published_too: bool) -> Result<Vec<OutboxRow>, BusError> {
        let rows = sqlx::query_as(
            "SELECT id, event_id, type, source, subject, sequence, previous, body FROM bus.outbox AS waiting
             WHERE id > $1 AND ($3 OR publish_after IS NULL OR publish_after <= bus.now()) AND NOT EXISTS (
                 SELECT FROM bus.outbox AS refused
                 WHERE refused.refused_at IS NOT NULL AND refused.source = waiting.source
                   AND refused.subject = waiting.subject AND refused.id <= waiting.id)
             ORDER BY id LIMIT $2",
        );
        let start = self.scan_start.next(Instant::now());
        let rows = rows.bind(start).bind(i64::from(WINDOW)).bind(published_too);
        let mut rows: Vec<OutboxRow> = answer(rows.fetch_all(&mut self.connection)).await?;
        for row in rows.iter_mut().filter(|row| row.source.is_empty()) {
            let now = self.renamed_sources.now(&self.renamed_source, &row.kind);
            row.source = now.unwrap_or(&self.renamed_source).to_owned();
        }
        Ok(rows)
    }

    /// The first row that is to be published now, whoever does it.
    pub async fn first_due(&mut self) -> Result<Option<i64>, BusError> {
        let first = sqlx::query_scalar(
            "SELECT id FROM bus.outbox AS waiting
             WHERE publish_after IS NULL AND NOT EXISTS (
                 SELECT FROM bus.outbox AS refused
                 WHERE refused.refused_at IS NOT NULL AND refused.source = waiting.source
                   AND refused.subject = waiting.subject AND refused.id <= waiting.id)
             ORDER BY id LIMIT 1",
        );
        answer(first.fetch_optional(&mut self.connection)).await
    }

    pub async fn delete(&mut self, ids: &[i64]) -> Result<(), BusError> {
        let delete = sqlx::query("DELETE FROM bus.outbox WHERE id = ANY($1)").bind(ids);
        answer(delete.execute(&mut self.connection)).await?;
        self.scan_start.passed(ids.iter().copied().max().unwrap_or(0));
        Ok(())
    }

    /// Notes that these were published and not confirmed: they are published again later, each time after twice as long.
    pub async fn wait(&mut self, ids: &[i64]) -> Result<(), BusError> {
        let query = sqlx::query(
            "UPDATE bus.outbox SET publications = publications + 1, publish_after = bus.now() + least(
                 interval '30 seconds' * power(2, least(publications, 10)), interval '15 minutes')
             WHERE id = ANY($1)",
        );
        answer(query.bind(ids).execute(&mut self.connection)).await?;
        self.scan_start.passed(ids.iter().copied().max().unwrap_or(0));
        Ok(())
    }

    /// Has all that waits of this source published again now, but for these.
    pub async fn wait_no_longer(&mut self, source: &str, but: &[i64]) -> Result<(), BusError> {
        let query = sqlx::query(
            "UPDATE bus.outbox SET publish_after = NULL WHERE id IN (
                 SELECT id FROM bus.outbox WHERE publish_after IS NOT NULL AND source = $1
                 EXCEPT SELECT unnest($2))",
        );
        answer(query.bind(source).bind(but).execute(&mut self.connection)).await?;
        Ok(())
    }

    /// Sets aside an event that the broker refuses.
    pub async fn refuse(&mut self, id: i64, reason: &str) -> Result<(), BusError> {
        let query = sqlx::query("UPDATE bus.outbox SET refused_at = bus.now(), refusal = $2 WHERE id = $1");
        answer(query.bind(id).bind(reason).execute(&mut self.connection)).await?;
        Ok(())
    }

    /// Has the event tried again that was refused the longest time ago, if that is long enough.
    pub async fn retry_refused(&mut self, after: Duration) -> Result<Option<i64>, BusError> {
        let query = sqlx::query_scalar(
            "UPDATE bus.outbox SET refused_at = NULL WHERE id = (
                 SELECT id FROM bus.outbox
                 WHERE refused_at IS NOT NULL AND refused_at < bus.now() - make_interval(secs => $1)
                 ORDER BY refused_at LIMIT 1)
             RETURNING id",
        );
        answer(query.bind(after.as_secs_f64()).fetch_optional(&mut self.connection)).await
    }

    /// Deletes the last numbers of some subjects that ended so long ago. Returns of how many.
    pub async fn prune_numbers(&mut self, after: Duration) -> Result<u64, BusError> {
        let query = sqlx::query(
            "DELETE FROM bus.sequences WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM bus.sequences WHERE ended_at < bus.now() - make_interval(secs => $1)
                 ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        );
        let query = query.bind(after.as_secs_f64()).bind(PRUNED_AT_ONCE);
        Ok(answer(query.execute(&mut self.connection)).await?.rows_affected())
    }

    pub async fn close(self) -> Result<(), BusError> {
        answer(self.connection.close()).await
    }
}
