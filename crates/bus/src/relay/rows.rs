//! The relay's own connection to the database: the lock that makes it the active one, and the outbox's rows.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::mark::Mark;
use crate::error::BusError;
use crate::message::Outgoing;

/// How many messages are on their way to the broker unconfirmed. The window decides the speed (measured: 500 to 730
/// messages/s with a window of one, 7,000 to 15,000 with 500 to 1000).
const WINDOW: i64 = 1000;
/// The bytes of "busrelay". Advisory locks are per database, so every service can use the same number.
const LOCK: i64 = i64::from_be_bytes(*b"busrelay");
/// A connection that is silent for this long is half open.
const SILENCE: Duration = Duration::from_secs(10);
const SILENCE_MILLISECONDS: &str = "10000";

pub(super) struct Rows {
    connection: PgConnection,
    mark: Mark,
}

impl Rows {
    /// A direct connection: a pooler's transaction mode would void the advisory lock.
    ///
    /// When the way to us is cut or stalled, the server must find out within seconds: by default it holds the lock for
    /// hours. Keepalives show a dead network. The session's own time-out also shows a relay that stands still behind a
    /// proxy which goes on to answer keepalives; we ask something of the server much more often.
    pub async fn connect(options: &PgConnectOptions, service: &str) -> Result<Self, BusError> {
        let options = options.clone().application_name(&format!("{service} relay")).options([
            ("tcp_keepalives_idle", "3"),
            ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
            ("tcp_user_timeout", "9000"),
            ("idle_session_timeout", SILENCE_MILLISECONDS),
            // Most of the table's pages may hold nothing but deleted rows. The planner, which counts the few live ones,
            // would read all pages rather than use the index (measured, see ADR 9).
            ("enable_seqscan", "off"),
            ("enable_bitmapscan", "off"),
        ]);
        Ok(Self { connection: answer(options.connect()).await?, mark: Mark::default() })
    }

    /// Whether this relay is the active one now.
    pub async fn lock(&mut self) -> Result<bool, BusError> {
        let lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK);
        answer(lock.fetch_one(&mut self.connection)).await
    }

    /// Keeps the session, and with it the lock, while there is nothing else to ask; fails when it is gone.
    pub async fn keep(&mut self) -> Result<(), BusError> {
        answer(sqlx::query("SELECT 1").execute(&mut self.connection)).await?;
        Ok(())
    }

    /// The next rows to publish, in the outbox's order.
    pub async fn next(&mut self) -> Result<Vec<Outgoing>, BusError> {
        let rows = sqlx::query_as(
            "SELECT id, event_id, type, subject, sequence, body FROM bus.outbox
             WHERE id > $1 ORDER BY id LIMIT $2",
        );
        let begin = self.mark.look(Instant::now());
        answer(rows.bind(begin).bind(WINDOW).fetch_all(&mut self.connection)).await
    }

    pub async fn delete(&mut self, ids: &[i64]) -> Result<(), BusError> {
        let delete = sqlx::query("DELETE FROM bus.outbox WHERE id = ANY($1)").bind(ids);
        answer(delete.execute(&mut self.connection)).await?;
        self.mark.deleted(ids.iter().copied().max().unwrap_or(0));
        Ok(())
    }

    pub async fn close(self) -> Result<(), BusError> {
        answer(self.connection.close()).await
    }
}

/// What the database says, if it says anything in time.
async fn answer<T>(question: impl Future<Output = sqlx::Result<T>>) -> Result<T, BusError> {
    Ok(tokio::time::timeout(SILENCE, question).await.map_err(|_| BusError::Silent)??)
}
