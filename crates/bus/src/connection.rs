//! Connections to RabbitMQ.

use std::time::Duration;

use lapin::{Connection, ConnectionProperties};

use crate::error::BusError;
use crate::lookup::look_for_queue;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Also finds a connection that is half open: two missed beats end it.
const HEARTBEAT_SECONDS: u16 = 10;

/// Where the broker is, and the user to connect as.
#[derive(Clone)]
pub struct Broker {
    url: String,
    service: String,
}

impl Broker {
    /// `url` is `amqp://user:password@host:port/vhost`, or `amqps://`; `service` names the connections.
    #[must_use]
    pub fn new(url: impl Into<String>, service: impl Into<String>) -> Self {
        Self { url: url.into(), service: service.into() }
    }

    /// Whether the broker lets this user into the virtual host.
    ///
    /// # Errors
    /// When the broker can't be reached, or refuses the user.
    pub async fn answers(&self) -> Result<(), BusError> {
        close(&self.connect("look").await?).await;
        Ok(())
    }

    /// How many consume a queue, and how many messages wait in it.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses the user, or has no such queue.
    pub async fn queue(&self, queue: &str) -> Result<(u32, u32), BusError> {
        let connection = self.connect("look").await?;
        let channel = connection.create_channel().await?;
        let queue = look_for_queue(&channel, queue).await?;
        close(&connection).await;
        Ok((queue.consumer_count(), queue.message_count()))
    }

    /// Connects; `role` says what for, and shows in the management UI as the connection's name: `cart relay`.
    pub(crate) async fn connect(&self, role: &str) -> Result<Connection, lapin::Error> {
        let name = format!("{} {role}", self.service);
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let mut uri: lapin::uri::AMQPUri = self.url.parse().map_err(invalid_url)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        let connecting = Connection::connect_uri(uri, properties);
        tokio::time::timeout(CONNECT_TIMEOUT, connecting).await.unwrap_or_else(|_| Err(timed_out()))
    }
}

/// Closes a connection that is not needed any more. One that is blocked or half open can't say goodbye.
pub(crate) async fn close(connection: &Connection) {
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, connection.close(200, "done".into())).await;
}

fn invalid_url(reason: String) -> lapin::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidInput, reason).into()
}

fn timed_out() -> lapin::Error {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "the broker did not answer").into()
}
