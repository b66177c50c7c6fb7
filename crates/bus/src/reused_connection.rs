use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};

use crate::database::FRESH;
use crate::outdated_connections::is_outdated;

/// A loop that is at work gives it back after this long, since only the pool replaces connections that have become old.
const LONGEST: Duration = Duration::from_mins(1);
/// In a smaller pool nobody keeps a connection from the others.
const FEWEST: u32 = 4;

/// The connection of a loop that needs one for each of its batches. Returning it to the pool each time, and taking it again,
/// would cost two more round trips.
#[derive(Debug)]
pub struct ReusedConnection {
    pool: PgPool,
    kept: Mutex<Option<LeasedConnection>>,
}

/// A connection that is used for a batch. When it is dropped, it goes back to the pool.
#[derive(Debug)]
pub struct LeasedConnection {
    connection: PoolConnection<Postgres>,
    taken: Instant,
    used: Instant,
}

impl ReusedConnection {
    /// Takes connections from this pool.
    #[must_use]
    pub fn of(pool: PgPool) -> Self {
        Self { pool, kept: Mutex::default() }
    }

    /// The kept connection, or another one from the pool.
    ///
    /// # Errors
    /// When the pool has none in time.
    pub async fn lease(&self) -> sqlx::Result<LeasedConnection> {
        let kept = self.replace(None);
        let kept = kept.filter(|kept| kept.used.elapsed() < FRESH && !is_outdated(kept.taken.elapsed()));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let (connection, taken) = (self.pool.acquire().await?, Instant::now());
        Ok(LeasedConnection { connection, taken, used: taken })
    }

    /// Keeps a connection for the next batch. Call it only if everything on the connection succeeded: otherwise drop it, and
    /// the pool checks it.
    pub fn keep(&self, leased: LeasedConnection) {
        if self.pool.options().get_max_connections() >= FEWEST && leased.taken.elapsed() < LONGEST {
            self.replace(Some(LeasedConnection { used: Instant::now(), ..leased }));
        }
    }

    fn replace(&self, kept: Option<LeasedConnection>) -> Option<LeasedConnection> {
        std::mem::replace(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner), kept)
    }
}

impl Deref for LeasedConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for LeasedConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
