//! The SQL that reads the outbox's rows and deletes those that were published.

use std::time::Instant;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use crate::error::BusError;
use crate::outgoing::Outgoing;
use crate::relay::database::{answer, connect};
use crate::relay::lock;
use crate::relay::scan_start::ScanStart;

/// How many messages are on their way to the broker unconfirmed. The window decides the speed (measured: 500 to 730
/// messages/s with a window of one, 7,000 to 15,000 with 500 to 1000).
const WINDOW: i64 = 1000;

/// The outbox, as the relay's connection sees it.
pub(super) struct Rows {
    connection: PgConnection,
    scan_start: ScanStart,
}

impl Rows {
    pub async fn connect(options: &PgConnectOptions, service: &str) -> Result<Self, BusError> {
        Ok(Self { connection: connect(options, service).await?, scan_start: ScanStart::default() })
    }

    /// Whether this relay is the active one now.
    pub async fn lock(&mut self) -> Result<bool, BusError> {
        lock::acquire(&mut self.connection).await
    }

    /// Keeps the lock while there is nothing to read or delete.
    pub async fn keep_lock(&mut self) -> Result<(), BusError> {
        lock::keep(&mut self.connection).await
    }

    /// The next rows to publish, in the outbox's order.
    pub async fn next(&mut self) -> Result<Vec<Outgoing>, BusError> {
        let rows = sqlx::query_as(
            "SELECT id, event_id, type, subject, sequence, body FROM bus.outbox
             WHERE id > $1 ORDER BY id LIMIT $2",
        );
        let start = self.scan_start.next(Instant::now());
        answer(rows.bind(start).bind(WINDOW).fetch_all(&mut self.connection)).await
    }

    pub async fn delete(&mut self, ids: &[i64]) -> Result<(), BusError> {
        let delete = sqlx::query("DELETE FROM bus.outbox WHERE id = ANY($1)").bind(ids);
        answer(delete.execute(&mut self.connection)).await?;
        self.scan_start.deleted(ids.iter().copied().max().unwrap_or(0));
        Ok(())
    }

    pub async fn close(self) -> Result<(), BusError> {
        answer(self.connection.close()).await
    }
}
