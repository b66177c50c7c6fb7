//! Declares the topology on a broker.
//!
//! A new queue is declared, settles, gets its marker, and is bound then: so the marker is its first message, and all
//! that was published before it is in the event log. The queue's dead-letter exchange is declared last, as a seal: where
//! it is missing, a run was interrupted on the way here, and the queue gets a marker again. A consumer that has met the
//! marker waits for the seal: what is published before the queue is bound must be in the log that it reads.

use std::time::Duration;

use envelope::Clock;
use lapin::options::{ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ExchangeKind};

use super::Topology;
use super::arguments;
use super::difference::Difference;
use super::error::TopologyError;
use super::marker;
use super::names::{EVENT_LOG, dead_letters_of};
use super::service::{Service, exchanges, listeners};
use crate::connection::{Broker, close};
use crate::error::BusError;
use crate::event_log::reader::EventLog;
use crate::passive_declare::{look_for_exchange, look_for_queue, reply_code};

/// A quorum queue that is killed within a second of its declaration can lose confirmed messages (measured on 3.10
/// and 4.0), so nobody may publish before that.
const SETTLING: Duration = Duration::from_millis(1500);

/// What one run has found and done.
struct Declaring<'a> {
    connection: &'a Connection,
    created: Vec<String>,
    differences: Vec<Difference>,
}

pub(super) async fn apply(
    topology: &Topology,
    broker: &Broker,
    clock: Clock,
) -> Result<Vec<String>, TopologyError> {
    let services = topology.services.as_slice();
    let connection = broker.connect("topology").await?;
    let mut declaring = Declaring { connection: &connection, created: Vec::new(), differences: Vec::new() };
    let unsealed = declaring.declare(topology).await?;
    let Declaring { created, differences, .. } = declaring;
    if !differences.is_empty() {
        return Err(TopologyError::Differs(differences));
    }
    if !created.is_empty() || !unsealed.is_empty() {
        tokio::time::sleep(SETTLING).await;
    }
    let channel = connection.create_channel().await?;
    if created.iter().any(|queue| queue == EVENT_LOG) {
        // Its time says since when the log is kept.
        marker::publish(&channel, EVENT_LOG, Vec::new(), None, clock).await?;
    }
    for exchange in exchanges(services) {
        bind(&channel, EVENT_LOG, exchange).await?;
    }
    // Before a new queue is bound: what comes later is in it as well.
    let log_end = if unsealed.is_empty() { None } else { Some(end_of_log(broker, &channel, clock).await?) };
    for service in listeners(services) {
        if unsealed.contains(&service.name.as_str()) {
            marker::publish(&channel, &service.name, service.listens_to.clone(), log_end, clock).await?;
        }
        bind_and_seal(&channel, service).await?;
    }
    for exchange in &topology.retired_exchanges {
        channel.exchange_delete(exchange.as_str().into(), ExchangeDeleteOptions::default()).await?;
    }
    close(&connection).await;
    Ok(created)
}

/// What is missing and what differs. Declaring what is there changes nothing; the broker says whether it is the same.
pub(super) async fn check(
    topology: &Topology,
    broker: &Broker,
) -> Result<(Vec<String>, Vec<Difference>), TopologyError> {
    let services = topology.services.as_slice();
    let connection = broker.connect_to_ask("topology").await?;
    let mut declaring = Declaring { connection: &connection, created: Vec::new(), differences: Vec::new() };
    let mut missing = Vec::new();
    for (queue, arguments) in queues(topology) {
        if declaring.queue_exists(&queue).await? {
            declaring.queue(&queue, arguments).await?;
        } else {
            missing.push(format!("queue '{queue}'"));
        }
    }
    let of_events = exchanges(services).cloned();
    let of_dead_letters = listeners(services).map(|service| dead_letters_of(&service.name));
    for exchange in of_events.chain(of_dead_letters) {
        if declaring.exchange_exists(&exchange).await? {
            declaring.exchange(&exchange).await?;
        } else {
            missing.push(format!("exchange '{exchange}'"));
        }
    }
    let differences = declaring.differences;
    close(&connection).await;
    Ok((missing, differences))
}

impl Declaring<'_> {
    /// Declares what needs no other to be there, and looks for all differences before anything is changed further.
    /// Returns the services whose queues need a marker.
    async fn declare<'t>(&mut self, topology: &'t Topology) -> Result<Vec<&'t str>, TopologyError> {
        let services = topology.services.as_slice();
        for service in listeners(services) {
            if !self.queue_exists(&service.name).await? {
                self.unseal(&dead_letters_of(&service.name)).await?;
            }
        }
        for (queue, arguments) in queues(topology) {
            self.queue(&queue, arguments).await?;
        }
        for exchange in exchanges(services) {
            self.exchange(exchange).await?;
        }
        let mut unsealed = Vec::new();
        for service in listeners(services) {
            // See above: the dead letters' exchange is the seal.
            let seal = dead_letters_of(&service.name);
            if self.exchange_exists(&seal).await? {
                self.exchange(&seal).await?;
            } else {
                unsealed.push(service.name.as_str());
            }
        }
        Ok(unsealed)
    }

    async fn queue(&mut self, name: &str, arguments: FieldTable) -> Result<(), TopologyError> {
        let is_new = !self.queue_exists(name).await?;
        let channel = self.connection.create_channel().await?;
        let declared = channel.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments).await;
        self.note_difference(format!("queue '{name}'"), declared.map(|_| ()))?;
        if is_new {
            self.created.push(name.to_owned());
        }
        Ok(())
    }

    /// On a channel of its own, since the broker closes the channel when it refuses.
    async fn exchange(&mut self, name: &str) -> Result<(), TopologyError> {
        let channel = self.connection.create_channel().await?;
        let declared = declare_exchange(&channel, name).await;
        self.note_difference(format!("exchange '{name}'"), declared)
    }

    fn note_difference(&mut self, what: String, declared: lapin::Result<()>) -> Result<(), TopologyError> {
        match declared {
            Err(error) if reply_code(&error) == Some(406) => {
                self.differences.push(Difference::read(what, &error.to_string()));
                Ok(())
            }
            other => Ok(other?),
        }
    }

    async fn unseal(&self, dead_letters: &str) -> Result<(), TopologyError> {
        let channel = self.connection.create_channel().await?;
        Ok(channel.exchange_delete(dead_letters.into(), ExchangeDeleteOptions::default()).await?)
    }

    async fn exchange_exists(&self, exchange: &str) -> Result<bool, TopologyError> {
        let channel = self.connection.create_channel().await?;
        is_there(look_for_exchange(&channel, exchange).await)
    }

    async fn queue_exists(&self, queue: &str) -> Result<bool, TopologyError> {
        let channel = self.connection.create_channel().await?;
        is_there(look_for_queue(&channel, queue).await)
    }
}

/// Every queue with its properties. Where dead letters go stands before the queue that they come from.
fn queues(topology: &Topology) -> Vec<(String, FieldTable)> {
    let of_services = listeners(&topology.services).flat_map(|Service { name, .. }| {
        [
            (dead_letters_of(name), arguments::dead_letter_queue()),
            (name.clone(), arguments::service_queue(name)),
        ]
    });
    of_services.chain([(EVENT_LOG.to_owned(), arguments::event_log(&topology.log))]).collect()
}

/// A log that never got its marker, because declaring it was interrupted, gets it now.
async fn end_of_log(broker: &Broker, channel: &Channel, clock: Clock) -> Result<i64, TopologyError> {
    let log = EventLog::new(broker.clone());
    let end = match log.end().await {
        Err(BusError::LogSilent) => {
            marker::publish(channel, EVENT_LOG, Vec::new(), None, clock).await?;
            log.end().await
        }
        end => end,
    };
    end.map_err(unreadable_log)
}

fn unreadable_log(error: BusError) -> TopologyError {
    match error {
        BusError::Broker(error) => error.into(),
        other => TopologyError::Log(other.to_string()),
    }
}

fn is_there<T>(looked: Result<T, BusError>) -> Result<bool, TopologyError> {
    match looked {
        Ok(_) => Ok(true),
        Err(BusError::Broker(error)) => Err(error.into()),
        Err(_) => Ok(false),
    }
}

/// Bindings that are there stay as they are.
async fn bind_and_seal(channel: &Channel, service: &Service) -> lapin::Result<()> {
    for exchange in &service.listens_to {
        bind(channel, &service.name, exchange).await?;
    }
    let dead = dead_letters_of(&service.name);
    declare_exchange(channel, &dead).await?;
    bind(channel, &dead, &dead).await
}

async fn declare_exchange(channel: &Channel, name: &str) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel.exchange_declare(name.into(), ExchangeKind::Topic, options, FieldTable::default()).await
}

/// Whole aggregates: a service must see every sequence number, also of types that it passes over.
async fn bind(channel: &Channel, queue: &str, exchange: &str) -> lapin::Result<()> {
    let everything = "#";
    let options = QueueBindOptions::default();
    channel.queue_bind(queue.into(), exchange.into(), everything.into(), options, FieldTable::default()).await
}
