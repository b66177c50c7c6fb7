//! How much waits where: for metrics and for operators.

use std::time::Duration;

use chrono::{DateTime, Utc};
use lapin::Connection;
use sqlx::PgPool;
use uuid::Uuid;

use crate::connection::{Broker, look_for_queue, part};
use crate::error::BusError;
use crate::topology::dead_letters_of;

/// A broker that does not answer in this time may be at the other end of a half open connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// What waits in a service's database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events in the outbox that the broker has not confirmed yet.
    pub outbox: i64,
    /// When the oldest of them happened.
    pub oldest: Option<DateTime<Utc>>,
    /// Parked events that wait for an earlier one of their subject.
    pub waiting: i64,
    /// Parked events that the handler failed at.
    pub failed: i64,
    /// Parked events that killed the process.
    pub fatal: i64,
}

/// What waits in a service's queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Messages that nobody has been given yet.
    pub ready: u32,
    /// Dead letters. In healthy life there is none.
    pub dead: u32,
}

impl Backlog {
    pub(crate) async fn look(pool: &PgPool) -> sqlx::Result<Self> {
        let (outbox, first): (i64, Option<Uuid>) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM bus.outbox), (SELECT event_id FROM bus.outbox ORDER BY id LIMIT 1)",
        )
        .fetch_one(pool)
        .await?;
        let (waiting, failed, fatal) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'failed'),
                    count(*) FILTER (WHERE state = 'fatal')
             FROM bus.parked",
        )
        .fetch_one(pool)
        .await?;
        Ok(Self { outbox, oldest: first.and_then(time_of), waiting, failed, fatal })
    }
}

/// A version 7 UUID begins with the time of its making.
fn time_of(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

/// Looks at a service's queues, again and again over one connection.
pub struct QueueWatch {
    broker: Broker,
    service: String,
    connection: Option<Connection>,
}

impl QueueWatch {
    pub(crate) fn new(broker: Broker, service: String) -> Self {
        Self { broker, service, connection: None }
    }

    /// What waits there now.
    pub async fn look(&mut self) -> Result<Queued, BusError> {
        let connection = match self.connection.take() {
            Some(connection) if connection.status().connected() => connection,
            _ => self.broker.connect("queue watch").await?,
        };
        let asked = tokio::time::timeout(PATIENCE, self.ask(&connection)).await;
        let asked = asked.unwrap_or(Err(BusError::Disconnected));
        if asked.is_ok() {
            self.connection = Some(connection);
        } else {
            // The next look makes another.
            part(&connection).await;
        }
        asked
    }

    async fn ask(&self, connection: &Connection) -> Result<Queued, BusError> {
        let channel = connection.create_channel().await?;
        let ready = look_for_queue(&channel, &self.service).await?.message_count();
        let dead = look_for_queue(&channel, &dead_letters_of(&self.service)).await?.message_count();
        channel.close(200, "done".into()).await?;
        Ok(Queued { ready, dead })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_tells_when_it_was_made() {
        let made = time_of(Uuid::now_v7()).unwrap();
        assert!((envelope::Clock::system().now() - made).num_seconds().abs() < 5);
        assert_eq!(time_of(Uuid::nil()), None);
    }
}
