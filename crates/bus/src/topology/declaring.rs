//! How the topology is brought about on a broker.
//!
//! A new queue is declared, settles, gets its marker, and is bound then: so the marker is its first message, and whatever
//! was published before it is in the event log. The queue's dead-letter exchange is declared last, as a seal: where it is
//! missing, somebody was interrupted on the way here, and the queue gets a marker again. A consumer that has met the
//! marker waits for the seal: what is published before the queue is bound must be in the log that it reads.

use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ExchangeKind};

use super::arguments::{dead_letter_queue, event_log, service_queue};
use super::{Difference, EVENT_LOG, Flaws, Topology, TopologyError, dead_letters_of, exchange_of};
use crate::connection::{Broker, is_booting, look_for_exchange, part, reply_code};
use crate::error::BusError;
use crate::marker;

/// A quorum queue that is killed within a second of its declaration can lose confirmed messages (measured on 3.10
/// and 4.0), so nobody may publish before that.
const SETTLING: Duration = Duration::from_millis(1500);

/// What one go has found and done.
struct Declaring<'a> {
    connection: &'a Connection,
    created: Vec<String>,
    differences: Vec<Difference>,
}

pub(super) async fn apply(topology: &Topology, broker: &Broker) -> Result<Vec<String>, TopologyError> {
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
        // It says since when the log is kept.
        marker::publish(&channel, EVENT_LOG, Vec::new()).await?;
    }
    for service in &topology.services {
        bind(&channel, EVENT_LOG, &exchange_of(&service.name)).await?;
    }
    for service in topology.listeners() {
        let sources: Vec<String> = service.listens_to.iter().map(|source| exchange_of(source)).collect();
        if unsealed.contains(&service.name.as_str()) {
            marker::publish(&channel, &service.name, sources.clone()).await?;
        }
        bind_and_seal(&channel, &service.name, &sources).await?;
    }
    part(&connection).await;
    Ok(created)
}

/// Declaring what is there changes nothing; the broker says whether it is the same.
pub(super) async fn check(topology: &Topology, broker: &Broker) -> Result<Flaws, TopologyError> {
    let connection = broker.connect("topology").await?;
    let mut declaring = Declaring { connection: &connection, created: Vec::new(), differences: Vec::new() };
    let mut missing = Vec::new();
    let mut queues = vec![(EVENT_LOG.to_owned(), event_log())];
    let mut exchanges: Vec<String> =
        topology.services.iter().map(|service| exchange_of(&service.name)).collect();
    for service in topology.listeners() {
        let dead = dead_letters_of(&service.name);
        queues.push((service.name.clone(), service_queue(&service.name)));
        queues.push((dead.clone(), dead_letter_queue()));
        exchanges.push(dead);
    }
    for (queue, arguments) in queues {
        if declaring.queue_exists(&queue).await? {
            declaring.queue(&queue, arguments).await?;
        } else {
            missing.push(format!("queue '{queue}'"));
        }
    }
    for exchange in exchanges {
        if declaring.exchange_exists(&exchange).await? {
            declaring.exchange(&exchange).await?;
        } else {
            missing.push(format!("exchange '{exchange}'"));
        }
    }
    let differences = declaring.differences;
    part(&connection).await;
    Ok(Flaws { missing, differences })
}

impl Declaring<'_> {
    /// Declares what needs no other to be there, and looks for all differences before anything is changed further.
    /// Returns the services whose queues need a marker.
    async fn declare<'t>(&mut self, topology: &'t Topology) -> Result<Vec<&'t str>, TopologyError> {
        let mut unsealed = Vec::new();
        for service in topology.listeners() {
            let dead = dead_letters_of(&service.name);
            self.queue(&dead, dead_letter_queue()).await?;
            if !self.queue_exists(&service.name).await? {
                self.unseal(&dead).await?;
            }
            self.queue(&service.name, service_queue(&service.name)).await?;
            // See above: the dead letters' exchange is the seal.
            if self.exchange_exists(&dead).await? {
                self.exchange(&dead).await?;
            } else {
                unsealed.push(service.name.as_str());
            }
        }
        self.queue(EVENT_LOG, event_log()).await?;
        for service in &topology.services {
            self.exchange(&exchange_of(&service.name)).await?;
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
        match look_for_exchange(&channel, exchange).await {
            Ok(()) => Ok(true),
            Err(BusError::Broker(error)) => Err(error.into()),
            Err(_) => Ok(false),
        }
    }

    async fn queue_exists(&self, queue: &str) -> Result<bool, TopologyError> {
        let channel = self.connection.create_channel().await?;
        let look = QueueDeclareOptions { passive: true, ..Default::default() };
        match channel.queue_declare(queue.into(), look, FieldTable::default()).await {
            Ok(_) => Ok(true),
            Err(error) if reply_code(&error) == Some(404) && !is_booting(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Bindings that are there stay as they are.
async fn bind_and_seal(channel: &Channel, queue: &str, sources: &[String]) -> lapin::Result<()> {
    for source in sources {
        bind(channel, queue, source).await?;
    }
    let dead = dead_letters_of(queue);
    declare_exchange(channel, &dead).await?;
    bind(channel, &dead, &dead).await
}

async fn declare_exchange(channel: &Channel, name: &str) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel.exchange_declare(name.into(), ExchangeKind::Topic, options, FieldTable::default()).await
}

/// Whole sources: a service must see every sequence number, also of types that it passes over.
async fn bind(channel: &Channel, queue: &str, exchange: &str) -> lapin::Result<()> {
    let everything = "#";
    let options = QueueBindOptions::default();
    channel.queue_bind(queue.into(), exchange.into(), everything.into(), options, FieldTable::default()).await
}
