//! The kinds of timers for which this instance is the active one.
//!
//! One instance fires the timers of a kind, by an advisory lock of its session, so that instances don't wait for each other's
//! rows. Others take over when it ends. Which setting of a timer fires does not depend on it: that is decided by the timer's
//! row. A kind that only some instances know, during a deployment, is theirs.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::timers::next_due::NextDue;
use crate::timers::rows;
use crate::timers::scan_start::ScanStart;

/// The bytes of "bustimer". Advisory locks are per database, so every service can use the same numbers.
const SEED: i64 = i64::from_be_bytes(*b"bustimer");
const STANDBY_POLL: Duration = Duration::from_secs(1);

/// A kind for which this instance is the active one.
pub(super) struct ActiveKind {
    pub kind: &'static str,
    pub start: ScanStart,
    /// Timers that were due until then may have ended another process.
    pub suspects_until: Option<DateTime<Utc>>,
}

/// All of them, and those that others have.
pub(super) struct ActiveKinds {
    pub active: Vec<ActiveKind>,
    missing: Vec<&'static str>,
    tried: Option<Instant>,
}

impl ActiveKinds {
    pub fn new(kinds: &[&'static str]) -> Self {
        Self { active: Vec::new(), missing: kinds.to_vec(), tried: None }
    }

    /// Takes the locks that are free, if it has not tried within the last moment.
    pub async fn take_free(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        if self.missing.is_empty() || self.tried.is_some_and(|at| at.elapsed() < STANDBY_POLL) {
            return Ok(());
        }
        self.tried = Some(Instant::now());
        let query = "SELECT pg_try_advisory_lock(hashtextextended(kind, $2))
                     FROM unnest($1::text[]) WITH ORDINALITY AS wanted (kind, place) ORDER BY place";
        let query = sqlx::query_scalar(query).bind(&self.missing).bind(SEED);
        let locked: Vec<bool> = query.fetch_all(&mut *connection).await?;
        for (kind, locked) in std::mem::take(&mut self.missing).into_iter().zip(locked) {
            if locked {
                let suspects_until = rows::unfinished(connection, kind).await?;
                self.active.push(ActiveKind { kind, start: ScanStart::default(), suspects_until });
            } else {
                self.missing.push(kind);
            }
        }
        Ok(())
    }

    /// Looks when the next timers of each active kind are due.
    pub async fn look(&mut self, connection: &mut PgConnection) -> sqlx::Result<Vec<NextDue>> {
        let began = Instant::now();
        let kinds: Vec<&str> = self.active.iter().map(|kind| kind.kind).collect();
        let starts: Vec<_> = self.active.iter().map(|kind| kind.start.next(began)).collect();
        let looks = super::next_due::next_due(connection, &kinds, &starts).await?;
        let took = began.elapsed();
        for ((kind, from), look) in self.active.iter_mut().zip(starts).zip(&looks) {
            kind.start.scanned(from, began, took, look.first, look.now);
        }
        Ok(looks)
    }
}
