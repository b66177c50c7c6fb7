//! A service's dead letters: messages that RabbitMQ gave up delivering to it, and those that it found not to be events.
//! Nothing removes them automatically: an operator looks at them, and puts them back.

pub(crate) mod letter;
pub(crate) mod queue;
pub(crate) mod take_back_or_discard;

use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation};

use crate::connection::Broker;
use crate::error::BusError;
use crate::passive_declare::look_for_queue;
use letter::{DeadLetter, headers_of_the_publisher};
use queue::DeadLetterQueue;

/// The dead letters of one service, for an operator with access to the broker. The service may be down.
pub struct DeadLetters {
    queue: DeadLetterQueue,
}

impl DeadLetters {
    /// The dead letters of this service, for a broker user that may read them and publish to the service's queue.
    #[must_use]
    pub fn of(service: &str, broker: Broker) -> Self {
        Self { queue: DeadLetterQueue { broker, service: service.to_owned() } }
    }

    /// The first of them, at most `most`. They stay where they are.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses, or has no such queue.
    pub async fn list(&self, most: usize) -> Result<Vec<DeadLetter>, BusError> {
        self.queue.look(most, |delivery| Some(DeadLetter::of(delivery))).await
    }

    /// Puts the present dead letters back into the service's queue, at most `most`; each is in that queue before it is
    /// removed here. The service refuses events that it has taken before, and what is not an event becomes a dead letter
    /// again. Returns how many were put back.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses, or lacks a queue. What was put back before that stays in the service's
    /// queue.
    pub async fn put_back(&self, most: usize) -> Result<usize, BusError> {
        let mut opened = self.queue.open(most).await?;
        look_for_queue(&opened.channel, &self.queue.service).await?;
        opened.channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let mut number = 0;
        while let Some(message) = opened.next().await? {
            self.publish(&opened.channel, &message.delivery).await?;
            message.delivery.acker.ack(BasicAckOptions::default()).await?;
            number += 1;
        }
        opened.close().await;
        Ok(number)
    }

    async fn publish(&self, channel: &Channel, letter: &Delivery) -> Result<(), BusError> {
        let properties = letter.properties.clone().with_headers(headers_of_the_publisher(letter));
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let queue = self.queue.service.as_str();
        let published = channel.basic_publish("".into(), queue.into(), options, &letter.data, properties);
        match published.await?.await? {
            Confirmation::Ack(None) => Ok(()),
            _ => Err(BusError::Refused(letter.routing_key.to_string())),
        }
    }
}
