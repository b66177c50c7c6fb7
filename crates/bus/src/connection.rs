//! Connections to RabbitMQ, and what keeps a task alive that needs one.
//!
//! A relay or a consumer is a *session*: connect, look whether what it needs is there, work until something breaks.
//! [`supervise`] runs [sessions](Session) one after the other. Everything is set up anew in each, so a broker restart, a closed
//! channel and a deleted queue need no code of their own, and nothing stale (a channel, a delivery tag) outlives its
//! connection. lapin's own recovery stays off for that reason: it doesn't cover channel errors.

use std::time::{Duration, Instant};

use backon::BackoffBuilder;
use lapin::options::{ExchangeDeclareOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind, Queue};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::error::BusError;
use crate::health::Health;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const PARTING: Duration = Duration::from_secs(2);
/// A session that lived this long starts its retries from the shortest delay again.
const STEADY: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// Also finds a connection that is half open: two missed beats end it.
const HEARTBEAT_SECONDS: u16 = 10;

/// Where the broker is, and as whom to speak to it.
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
    pub async fn answers(&self) -> Result<(), BusError> {
        part(&self.connect("look").await?).await;
        Ok(())
    }

    /// How many consume a queue, and how many messages wait in it.
    pub async fn queue(&self, queue: &str) -> Result<(u32, u32), BusError> {
        let connection = self.connect("look").await?;
        let channel = connection.create_channel().await?;
        let queue = look_for_queue(&channel, queue).await?;
        part(&connection).await;
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
pub(crate) async fn part(connection: &Connection) {
    let _ = tokio::time::timeout(PARTING, connection.close(200, "done".into())).await;
}

fn invalid_url(reason: String) -> lapin::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidInput, reason).into()
}

fn timed_out() -> lapin::Error {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "the broker did not answer").into()
}

/// Looks whether the queue is there, without a right to declare it.
pub(crate) async fn look_for_queue(channel: &Channel, queue: &str) -> Result<Queue, BusError> {
    let look = QueueDeclareOptions { passive: true, ..Default::default() };
    let found = channel.queue_declare(queue.into(), look, FieldTable::default()).await;
    found.map_err(|error| missing_or_broken(format!("queue '{queue}'"), error))
}

/// Looks whether the exchange is there, without a right to declare it.
pub(crate) async fn look_for_exchange(channel: &Channel, exchange: &str) -> Result<(), BusError> {
    let look = ExchangeDeclareOptions { passive: true, ..Default::default() };
    let kind = ExchangeKind::Topic;
    match channel.exchange_declare(exchange.into(), kind, look, FieldTable::default()).await {
        Ok(()) => Ok(()),
        Err(error) => Err(missing_or_broken(format!("exchange '{exchange}'"), error)),
    }
}

fn missing_or_broken(what: String, error: lapin::Error) -> BusError {
    if reply_code(&error) == Some(404) && !is_booting(&error) {
        BusError::Missing(what)
    } else {
        error.into()
    }
}

/// A queue is there, but not up yet: for a moment after the broker's start it says so as if there were none.
pub(crate) fn is_booting(error: &lapin::Error) -> bool {
    reply_code(error) == Some(404) && error.to_string().contains("down or inaccessible")
}

/// What the broker refused a request with: 404 for not found, 406 for another property.
pub(crate) fn reply_code(error: &lapin::Error) -> Option<u16> {
    match error.kind() {
        lapin::ErrorKind::ProtocolError(amqp) => Some(amqp.get_id()),
        _ => None,
    }
}

/// A task that works for as long as everything that it needs is there.
pub(crate) trait Session: Sync {
    /// What it does, for logs.
    const ROLE: &'static str;

    fn health(&self) -> &Health;

    /// One attempt: connect, look, work. Ends with `Ok` only after `stop`.
    fn session(&self, stop: &CancellationToken) -> impl Future<Output = Result<(), BusError>> + Send;
}

/// Runs sessions until `stop`, with growing pauses after failures. Says once that something broke and once that it
/// is well again; the task's health knows it all the while.
pub(crate) async fn supervise<S: Session>(task: &S, stop: &CancellationToken) {
    let mut delays = delays();
    while !stop.is_cancelled() {
        let began = Instant::now();
        let Err(error) = task.session(stop).await else { continue };
        if stop.is_cancelled() {
            break;
        }
        if task.health().down(&error.to_string()) {
            warn!(role = S::ROLE, %error, "interrupted; trying again until it works");
        }
        if began.elapsed() > STEADY {
            delays = self::delays();
        }
        let pause = delays.next().unwrap_or(LONGEST_PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }
    info!(role = S::ROLE, "stopped");
}

fn delays() -> impl Iterator<Item = Duration> {
    backon::ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter()
        .without_max_times()
        .build()
}
