//! A service's dead letters: what RabbitMQ gave up delivering to it, and what it took for no event. Nothing removes them by
//! itself: an operator looks at them, and puts them back.

use lapin::message::{BasicGetMessage, Delivery};
use lapin::options::{BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Confirmation};

use crate::connection::{Broker, close};
use crate::error::BusError;
use crate::headers::text;
use crate::lookup::look_for_queue;
use crate::message::reading;
use crate::topology::names::dead_letters_of;

/// What RabbitMQ writes into the headers of a message that it moves or delivers again. A message that is put back starts again.
const OF_THE_BROKER: [&str; 3] = ["x-death", "x-first-death-", "x-last-death-"];
const DELIVERY_COUNT: &str = "x-delivery-count";

/// The dead letters of one service.
pub struct DeadLetters {
    broker: Broker,
    service: String,
}

/// A message that is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Why RabbitMQ moved it: `rejected` by the service, or `delivery_limit`.
    pub reason: String,
    /// The type of its events.
    pub kind: String,
    /// The event's source, subject and number, of each that it has; none if it is no event's.
    pub events: Vec<(String, String, i64)>,
    /// The size of its body.
    pub bytes: usize,
}

impl DeadLetters {
    /// Those of this service, for a broker user who may read them and publish to the service's queue.
    #[must_use]
    pub fn of(service: &str, broker: Broker) -> Self {
        Self { broker, service: service.to_owned() }
    }

    /// The first of them, at most `most`. They stay where they are.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses, or has no such queue.
    pub async fn list(&self, most: usize) -> Result<Vec<DeadLetter>, BusError> {
        let connection = self.broker.connect("dead letters").await?;
        let channel = connection.create_channel().await?;
        look_for_queue(&channel, &dead_letters_of(&self.service)).await?;
        let mut letters = Vec::new();
        while letters.len() < most
            && let Some(message) = self.next(&channel).await?
        {
            letters.push(DeadLetter::of(&message.delivery));
        }
        // What was not acknowledged goes back to where it was.
        close(&connection).await;
        Ok(letters)
    }

    /// Puts those that are there now back into the service's queue, at most `most`; each is there before it is removed here.
    /// The service refuses events that it has taken before, and makes a dead letter again of what is no event. Returns how
    /// many were put back.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses, or lacks a queue. What was put back until then is.
    pub async fn put_back(&self, most: usize) -> Result<usize, BusError> {
        let connection = self.broker.connect("dead letters").await?;
        let channel = connection.create_channel().await?;
        look_for_queue(&channel, &self.service).await?;
        let there = look_for_queue(&channel, &dead_letters_of(&self.service)).await?.message_count();
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let mut number = 0;
        while number < most.min(there as usize)
            && let Some(message) = self.next(&channel).await?
        {
            self.publish(&channel, &message.delivery).await?;
            message.delivery.acker.ack(BasicAckOptions::default()).await?;
            number += 1;
        }
        close(&connection).await;
        Ok(number)
    }

    async fn next(&self, channel: &Channel) -> Result<Option<BasicGetMessage>, BusError> {
        let queue = dead_letters_of(&self.service);
        Ok(channel.basic_get(queue.into(), BasicGetOptions::default()).await?)
    }

    async fn publish(&self, channel: &Channel, letter: &Delivery) -> Result<(), BusError> {
        let mut headers = FieldTable::default();
        for (name, value) in letter.properties.headers().iter().flat_map(FieldTable::inner) {
            let is_the_brokers = name.as_str() == DELIVERY_COUNT
                || OF_THE_BROKER.iter().any(|beginning| name.as_str().starts_with(beginning));
            if !is_the_brokers {
                headers.insert(name.clone(), value.clone());
            }
        }
        let properties = letter.properties.clone().with_headers(headers);
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let published =
            channel.basic_publish("".into(), self.service.as_str().into(), options, &letter.data, properties);
        match published.await?.await? {
            Confirmation::Ack(None) => Ok(()),
            _ => Err(BusError::Refused(letter.routing_key.to_string())),
        }
    }
}

impl DeadLetter {
    fn of(delivery: &Delivery) -> Self {
        let headers = delivery.properties.headers().as_ref().map(FieldTable::inner);
        let reason = headers.and_then(|headers| text(headers.get("x-first-death-reason")?));
        let kind = delivery.properties.kind().as_ref().map(ToString::to_string);
        let events = reading::read(delivery).unwrap_or_default().into_iter();
        let events = events.map(|event| (event.place.source, event.place.subject, event.place.sequence));
        Self {
            reason: reason.unwrap_or_else(|| "unknown".to_owned()),
            kind: kind.unwrap_or_else(|| delivery.routing_key.to_string()),
            events: events.collect(),
            bytes: delivery.data.len(),
        }
    }
}
