//! A reading of the log, from one place onwards.

use std::collections::VecDeque;

use futures::{FutureExt, StreamExt};
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{AMQPValue, DeliveryTag, FieldTable};
use lapin::{Channel, Connection};

use crate::connection::{Broker, close};
use crate::error::BusError;
use crate::event_log::logged::{Logged, OFFSET, offset_of};
use crate::passive_declare::look_for_queue;
use crate::topology::names::EVENT_LOG;

const TAG: &str = "event log";
const ACK_EVERY: u16 = 50;

/// A reader's place in the log, with its own connection.
pub struct LogCursor {
    // Dropping it closes the connection too, but nobody waits for that.
    connection: Connection,
    channel: Channel,
    deliveries: lapin::Consumer,
    /// What comes before is in the broker's first chunk, but was not asked for.
    skip_before: i64,
    /// What is left of the last message.
    left: VecDeque<Logged>,
    unacknowledged: u16,
}

impl LogCursor {
    /// Starts a reading from `offset`, in RabbitMQ's terms. Messages before `skip_before` are left out.
    pub(super) async fn start(
        broker: &Broker,
        offset: AMQPValue,
        skip_before: i64,
        prefetch: u16,
    ) -> Result<Self, BusError> {
        let connection = broker.connect(TAG).await?;
        let channel = connection.create_channel().await?;
        look_for_queue(&channel, EVENT_LOG).await?;
        channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
        let mut arguments = FieldTable::default();
        arguments.insert(OFFSET.into(), offset);
        let options = BasicConsumeOptions::default();
        let tag = broker.named(TAG);
        let deliveries = channel.basic_consume(EVENT_LOG.into(), tag.into(), options, arguments).await?;
        Ok(Self { connection, channel, deliveries, skip_before, left: VecDeque::new(), unacknowledged: 0 })
    }

    /// Ends the reading, and its connection with it.
    pub async fn close(self) {
        close(&self.connection).await;
    }

    /// Waits for the next event. `None` when the broker ended the subscription, for example because the log was deleted.
    ///
    /// # Errors
    /// When the connection to the broker is lost.
    pub async fn next(&mut self) -> Result<Option<Logged>, BusError> {
        loop {
            match self.next_message().await? {
                Some(logged) if logged.is_marker() => {}
                next => return Ok(next),
            }
        }
    }

    /// The next event, or the marker at the log's beginning.
    pub(crate) async fn next_message(&mut self) -> Result<Option<Logged>, BusError> {
        while self.left.is_empty() {
            if !self.receive().await? {
                return Ok(None);
            }
        }
        Ok(self.left.pop_front())
    }

    /// What is left of a message, or the next one whole; empty when the broker ended the reading. Nothing is lost where
    /// nobody waits for it any longer.
    pub(super) async fn next_events(&mut self) -> Result<VecDeque<Logged>, BusError> {
        while self.left.is_empty() {
            if !self.receive().await? {
                break;
            }
        }
        Ok(std::mem::take(&mut self.left))
    }

    /// The offset of the last message that is on its way already, at least `first`: they come ahead of the answer to
    /// the next command on the same channel.
    pub(super) async fn last_on_its_way(&mut self, first: i64) -> Result<i64, BusError> {
        look_for_queue(&self.channel, EVENT_LOG).await?;
        let mut last = first;
        while let Some(Some(delivery)) = self.deliveries.next().now_or_never() {
            last = offset_of(&delivery?);
        }
        Ok(last)
    }

    /// Receives a message; false when the broker ended the reading. It is kept before anything else is waited for.
    async fn receive(&mut self) -> Result<bool, BusError> {
        let Some(delivery) = self.deliveries.next().await.transpose()? else { return Ok(false) };
        let tag = delivery.delivery_tag;
        if offset_of(&delivery) >= self.skip_before {
            self.left = Logged::of(delivery);
        }
        self.acknowledge(tag).await?;
        Ok(true)
    }

    /// Acknowledging takes nothing out of a stream: it only asks for more.
    async fn acknowledge(&mut self, tag: DeliveryTag) -> Result<(), lapin::Error> {
        self.unacknowledged += 1;
        if self.unacknowledged >= ACK_EVERY {
            self.unacknowledged = 0;
            self.channel.basic_ack(tag, BasicAckOptions { multiple: true }).await?;
        }
        Ok(())
    }
}
