//! How much is waiting in a service's database, for metrics and for operators.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::timers::TimerBacklog;

/// No more are counted: it would take longer than it is worth.
const MOST: i64 = 1_000_000;

/// What is waiting in a service's database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events in the outbox that the broker has not confirmed yet.
    pub outbox: i64,
    /// How many of them the broker has refused; later events of their subjects wait behind them.
    pub refused: i64,
    /// How many of them were published but not confirmed in time: the broker has them, but perhaps not every queue.
    pub unconfirmed: i64,
    /// When the oldest of them happened.
    pub oldest: Option<DateTime<Utc>>,
    /// Parked events that wait for an earlier one of their subject, which is parked too or expected to arrive.
    pub waiting: i64,
    /// Subjects whose next event is nowhere to be found, so that an operator must release them.
    pub missing: i64,
    /// Parked events that the handler failed at.
    pub failed: i64,
    /// Parked events that crashed the process repeatedly.
    pub fatal: i64,
    /// Timers that should have fired but haven't.
    pub timers: Vec<TimerBacklog>,
}

impl Backlog {
    pub(crate) async fn look(pool: &PgPool) -> sqlx::Result<Self> {
        let (outbox, refused, unconfirmed, first): (i64, i64, i64, Option<Uuid>) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM (SELECT FROM bus.outbox LIMIT $1) AS counted),
                    (SELECT count(*) FROM bus.outbox WHERE refused_at IS NOT NULL),
                    (SELECT count(*) FROM (SELECT FROM bus.outbox WHERE publish_after IS NOT NULL LIMIT $1) AS counted),
                    (SELECT event_id FROM bus.outbox ORDER BY id LIMIT 1)",
        )
        .bind(MOST)
        .fetch_one(pool)
        .await?;
        // A gap whose search found nothing leaves its error at the event behind it.
        let (waiting, missing, failed, fatal) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE state = 'waiting' AND error IS NULL),
                    count(*) FILTER (WHERE state = 'waiting' AND error IS NOT NULL),
                    count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'fatal')
             FROM (SELECT state, error FROM bus.parked LIMIT $1) AS counted",
        )
        .bind(MOST)
        .fetch_one(pool)
        .await?;
        let timers = TimerBacklog::look(&mut *pool.acquire().await?).await?;
        let oldest = first.and_then(time_of);
        Ok(Self { outbox, refused, unconfirmed, oldest, waiting, missing, failed, fatal, timers })
    }
}

/// A version 7 UUID begins with the time at which it was made.
fn time_of(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_says_when_it_was_made() {
        let made = time_of(Uuid::now_v7()).unwrap();
        assert!((envelope::Clock::system().now() - made).num_seconds().abs() < 5);
        assert_eq!(time_of(Uuid::nil()), None);
    }
}
