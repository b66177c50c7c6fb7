//! Exchanges, queues and bindings: who publishes, who listens to whom. One place declares them, with a broker user
//! of its own; the services only look, see [`crate::connection`].

use std::time::{Duration, Instant};

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ExchangeKind};

use crate::connection::Broker;

/// The stream queue that keeps a copy of every event of every service.
pub const EVENT_LOG: &str = "event-log";

/// A backstop only: the broker also counts lost connections and deploys, so its count must never decide.
const DELIVERY_LIMIT: i64 = 1_000_000;
const LOG_BYTES: i64 = 4 << 30;
const LOG_SEGMENT_BYTES: i64 = 16 << 20;
const LOG_AGE: &str = "30D";
/// A quorum queue that is killed within a second of its declaration can lose confirmed messages (measured on 3.10
/// and 4.0), so nobody may publish before that.
const SETTLING: Duration = Duration::from_millis(1500);

/// How long a broker that has just started may take to bring up the queues that it has.
const BOOT: Duration = Duration::from_mins(1);
const BOOT_PAUSE: Duration = Duration::from_millis(500);

/// The exchange of a service's events.
#[must_use]
pub fn exchange_of(service: &str) -> String {
    format!("{service}.events")
}

/// The name of the exchange and the queue of what the broker gave up delivering to a service.
#[must_use]
pub fn dead_letters_of(service: &str) -> String {
    format!("{service}.dead")
}

/// A service that publishes events and may listen to others'.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name, and its queue's.
    pub name: String,
    /// The services whose events it takes.
    pub listens_to: Vec<String>,
}

/// What a service's broker user may do, as RabbitMQ's regular expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Nothing: only the topology's user declares.
    pub configure: String,
    /// Its own exchange.
    pub write: String,
    /// Its own queue.
    pub read: String,
}

impl Service {
    /// The least that the service's broker user needs.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let nothing = || "^$".to_owned();
        let exactly = |name: &str| format!("^{}$", name.replace('.', r"\."));
        Permissions {
            configure: nothing(),
            write: exactly(&exchange_of(&self.name)),
            read: if self.listens_to.is_empty() { nothing() } else { exactly(&self.name) },
        }
    }
}

/// All exchanges, queues and bindings of a system.
#[derive(Clone, Debug)]
pub struct Topology {
    /// Every service that takes part.
    pub services: Vec<Service>,
}

/// Why the topology could not be brought about.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// The broker has it, but with other properties, which can't be changed on an existing one.
    #[error(
        "{what} exists with other properties than this version wants ({reason}). Stop its publishers, let its \
         consumers empty it, delete it, and run `topology` again"
    )]
    Differs {
        /// The exchange or queue.
        what: String,
        /// The broker's own words: they name the property and both values.
        reason: String,
    },
    /// Anything else that the broker or the network says.
    #[error("the topology could not be declared: {0}")]
    Broker(#[from] lapin::Error),
}

impl Topology {
    /// Declares everything that is missing; changes nothing that is there. Returns what it created.
    ///
    /// Returns only once new queues have settled, so that nobody publishes into one that could still lose messages.
    pub async fn apply(&self, broker: &Broker) -> Result<Vec<String>, TopologyError> {
        let began = Instant::now();
        loop {
            match self.try_apply(broker).await {
                Err(TopologyError::Broker(error)) if is_booting(&error) && began.elapsed() < BOOT => {
                    tokio::time::sleep(BOOT_PAUSE).await;
                }
                applied => return applied,
            }
        }
    }

    async fn try_apply(&self, broker: &Broker) -> Result<Vec<String>, TopologyError> {
        let connection = broker.connect("topology").await?;
        let mut created = Vec::new();
        self.declare_queues(&connection, &mut created).await?;
        self.declare_exchanges_and_bindings(&connection).await?;
        if !created.is_empty() {
            tokio::time::sleep(SETTLING).await;
        }
        // Everything is declared by now; how we part makes no difference.
        let _ = connection.close(200, "done".into()).await;
        Ok(created)
    }

    async fn declare_queues(
        &self,
        connection: &Connection,
        created: &mut Vec<String>,
    ) -> Result<(), TopologyError> {
        for service in self.services.iter().filter(|service| !service.listens_to.is_empty()) {
            let dead = dead_letters_of(&service.name);
            declare_queue(connection, &dead, dead_letter_queue(), created).await?;
            declare_queue(connection, &service.name, service_queue(&service.name), created).await?;
        }
        declare_queue(connection, EVENT_LOG, event_log(), created).await
    }

    async fn declare_exchanges_and_bindings(&self, connection: &Connection) -> Result<(), TopologyError> {
        let channel = connection.create_channel().await?;
        for service in &self.services {
            let exchange = exchange_of(&service.name);
            declare_exchange(&channel, &exchange, ExchangeKind::Topic).await?;
            bind(&channel, EVENT_LOG, &exchange).await?;
        }
        for service in self.services.iter().filter(|service| !service.listens_to.is_empty()) {
            let dead = dead_letters_of(&service.name);
            declare_exchange(&channel, &dead, ExchangeKind::Topic).await?;
            bind(&channel, &dead, &dead).await?;
            for source in &service.listens_to {
                bind(&channel, &service.name, &exchange_of(source)).await?;
            }
        }
        Ok(())
    }
}

/// Whole sources: a service must see every sequence number, also of types that it passes over.
async fn bind(channel: &Channel, queue: &str, exchange: &str) -> Result<(), TopologyError> {
    let everything = "#";
    let options = QueueBindOptions::default();
    channel
        .queue_bind(queue.into(), exchange.into(), everything.into(), options, FieldTable::default())
        .await?;
    Ok(())
}

async fn declare_exchange(channel: &Channel, name: &str, kind: ExchangeKind) -> Result<(), TopologyError> {
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    let declared = channel.exchange_declare(name.into(), kind, options, FieldTable::default()).await;
    declared.map_err(|error| differs_or_broken("exchange", name, error))
}

async fn declare_queue(
    connection: &Connection,
    name: &str,
    arguments: FieldTable,
    created: &mut Vec<String>,
) -> Result<(), TopologyError> {
    let new = !exists(connection, name).await?;
    let channel = connection.create_channel().await?;
    let declared = channel.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments).await;
    declared.map_err(|error| differs_or_broken("queue", name, error))?;
    if new {
        created.push(name.to_owned());
    }
    Ok(())
}

/// On a channel of its own, since the broker closes the channel when the queue is not there.
async fn exists(connection: &Connection, queue: &str) -> Result<bool, lapin::Error> {
    let channel = connection.create_channel().await?;
    let look = QueueDeclareOptions { passive: true, ..Default::default() };
    match channel.queue_declare(queue.into(), look, FieldTable::default()).await {
        Ok(_) => Ok(true),
        Err(error) if reply_code(&error) == Some(404) && !is_booting(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn differs_or_broken(kind: &str, name: &str, error: lapin::Error) -> TopologyError {
    if reply_code(&error) == Some(406) {
        TopologyError::Differs { what: format!("{kind} '{name}'"), reason: error.to_string() }
    } else {
        error.into()
    }
}

/// A queue is there, but not up yet: for a moment after the broker's start it says so as if there were none.
fn is_booting(error: &lapin::Error) -> bool {
    reply_code(error) == Some(404) && error.to_string().contains("down or inaccessible")
}

pub(crate) fn reply_code(error: &lapin::Error) -> Option<u16> {
    match error.kind() {
        lapin::ErrorKind::ProtocolError(amqp) => Some(amqp.get_id()),
        _ => None,
    }
}

/// No length limit: a full queue would nack half of a fan-out.
fn service_queue(service: &str) -> FieldTable {
    arguments([
        ("x-queue-type", text("quorum")),
        ("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT)),
        ("x-dead-letter-exchange", text(&dead_letters_of(service))),
        // At-least-once needs reject-publish; with drop-head the broker silently takes at-most-once.
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ])
}

fn dead_letter_queue() -> FieldTable {
    arguments([
        ("x-queue-type", text("quorum")),
        ("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT)),
    ])
}

/// Retention drops whole segments, so they are small.
fn event_log() -> FieldTable {
    arguments([
        ("x-queue-type", text("stream")),
        ("x-max-length-bytes", AMQPValue::LongLongInt(LOG_BYTES)),
        ("x-max-age", text(LOG_AGE)),
        ("x-stream-max-segment-size-bytes", AMQPValue::LongLongInt(LOG_SEGMENT_BYTES)),
    ])
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

fn arguments<const N: usize>(pairs: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert(name.into(), value);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_user_may_write_to_its_exchange_and_read_its_queue_and_no_more() {
        let cart = Service { name: "cart".into(), listens_to: vec!["catalog".into()] };
        let expected =
            Permissions { configure: "^$".into(), write: r"^cart\.events$".into(), read: "^cart$".into() };
        assert_eq!(cart.permissions(), expected);
    }

    #[test]
    fn who_listens_to_nobody_may_read_nothing() {
        let catalog = Service { name: "catalog".into(), listens_to: vec![] };
        assert_eq!(catalog.permissions().read, "^$");
    }
}
