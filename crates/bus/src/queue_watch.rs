//! Reports how much is waiting in a service's queues, for metrics and for operators.

use std::time::Duration;

use lapin::Connection;

use crate::connection::{Broker, close};
use crate::error::BusError;
use crate::passive_declare::look_for_queue;
use crate::topology::names::dead_letters_of;

/// A broker that does not answer in this time may be at the other end of a half open connection.
const TIMEOUT: Duration = Duration::from_secs(3);

/// What is waiting in a service's queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Messages that were not delivered yet.
    pub ready: u32,
    /// Dead letters; none in normal operation.
    pub dead: u32,
}

/// Watches a service's queues over a single connection.
pub struct QueueWatch {
    broker: Broker,
    service: String,
    connection: Option<Connection>,
}

impl QueueWatch {
    pub(crate) fn new(broker: Broker, service: String) -> Self {
        Self { broker, service, connection: None }
    }

    /// What is waiting now.
    ///
    /// # Errors
    /// When the broker can't be reached or does not answer, or a queue is missing.
    pub async fn look(&mut self) -> Result<Queued, BusError> {
        let connection = match self.connection.take() {
            Some(connection) if connection.status().connected() => connection,
            _ => self.broker.connect_to_ask("queue watch").await?,
        };
        let asked = tokio::time::timeout(TIMEOUT, self.ask(&connection)).await;
        let asked = asked.unwrap_or(Err(BusError::Disconnected));
        if asked.is_ok() {
            self.connection = Some(connection);
        } else {
            // The next look makes another.
            close(&connection).await;
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
