//! The event log: a stream queue that keeps a copy of every event of every service, in the order in which the broker
//! got them. It can be read again and again, from any place; reading takes nothing out of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use envelope::Envelope;
use futures::{FutureExt, StreamExt};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection};

use crate::connection::{Broker, look_for_queue, part};
use crate::error::BusError;
use crate::marker::Marker;
use crate::message::Incoming;
use crate::topology::EVENT_LOG;

const OFFSET: &str = "x-stream-offset";
const TAG: &str = "event log";
const PREFETCH: u16 = 1000;
const ACK_EVERY: u16 = 250;
/// More than the broker puts into one chunk, so that the last one comes whole.
const WHOLE_CHUNK: u16 = u16::MAX;
/// The broker doesn't say that a log is empty, it stays silent. Anything that is there comes within milliseconds; only
/// an empty log costs this wait.
const SILENCE: Duration = Duration::from_secs(5);

/// Reads the event log. The broker user needs read on the queue `event-log`.
#[derive(Clone)]
pub struct EventLog {
    broker: Broker,
}

/// Where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The oldest event that the log still has.
    First,
    /// What the broker got at this time or later. It gives whole chunks, so somewhat earlier ones come first.
    Time(DateTime<Utc>),
    /// The event with this offset, or the oldest one if retention has dropped it. An offset beyond the end waits
    /// until there is one.
    Offset(i64),
    /// Only what comes from now on.
    Next,
}

/// One reading of the log, on a connection of its own.
pub struct Reading {
    // Dropping it closes the connection too, but nobody waits for that.
    connection: Connection,
    channel: Channel,
    deliveries: lapin::Consumer,
    /// What the broker gives by chunk, but nobody asked for.
    skip_before: i64,
    unacknowledged: u16,
}

/// A message as the log keeps it.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its place in the log. Offsets grow, from 0, one by one.
    pub offset: i64,
    /// The exchange that it was published to.
    pub exchange: String,
    /// The event, unless not even its headers say which one it is.
    pub(crate) incoming: Option<Incoming>,
    /// The log's own first message: since when it is kept.
    marker: Option<Marker>,
    routing_key: String,
    /// Kept here only where there is no event to keep it.
    body: Vec<u8>,
}

impl EventLog {
    /// `broker` may be a service's own user, or an operator's.
    #[must_use]
    pub fn new(broker: Broker) -> Self {
        Self { broker }
    }

    /// Begins to read. The end of the log is no end of the reading: it waits there for more.
    pub async fn read(&self, start: Start) -> Result<Reading, BusError> {
        let skip_before = if let Start::Offset(offset) = start { offset } else { 0 };
        Ok(Reading { skip_before, ..self.subscribe(start.into(), PREFETCH).await? })
    }

    /// The oldest message that the log still has: at first a marker that says since when it is kept. Its offset is 0 if retention has dropped none yet.
    pub async fn first(&self) -> Result<Option<Logged>, BusError> {
        let mut reading = self.subscribe(Start::First.into(), 1).await?;
        unless_silent(reading.next_message()).await
    }

    /// The offset of the log's last message, or `None` when it has none: whoever reads up to there has seen all that
    /// the broker had confirmed before the question.
    ///
    /// The broker has no answer to this question (a passive declaration counts no messages in a stream), so it is
    /// read from the log: a subscription to its last chunk gets that and all that follows in one go. Once the first
    /// message is here, the others are on their way, ahead of the answer to the next command on the same channel.
    pub async fn end(&self) -> Result<Option<i64>, BusError> {
        let mut reading = self.subscribe(AMQPValue::LongString("last".into()), WHOLE_CHUNK).await?;
        let Some(first) = unless_silent(reading.next_message()).await? else { return Ok(None) };
        look_for_queue(&reading.channel, EVENT_LOG).await?;
        let mut end = first.offset;
        while let Some(Some(delivery)) = reading.deliveries.next().now_or_never() {
            end = Logged::from(delivery?).offset;
        }
        Ok(Some(end))
    }

    async fn subscribe(&self, offset: AMQPValue, prefetch: u16) -> Result<Reading, BusError> {
        let connection = self.broker.connect(TAG).await?;
        let channel = connection.create_channel().await?;
        look_for_queue(&channel, EVENT_LOG).await?;
        channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
        let mut arguments = FieldTable::default();
        arguments.insert(OFFSET.into(), offset);
        let options = BasicConsumeOptions::default();
        let deliveries = channel.basic_consume(EVENT_LOG.into(), TAG.into(), options, arguments).await?;
        Ok(Reading { connection, channel, deliveries, skip_before: 0, unacknowledged: 0 })
    }
}

async fn unless_silent(
    next: impl Future<Output = Result<Option<Logged>, BusError>>,
) -> Result<Option<Logged>, BusError> {
    tokio::time::timeout(SILENCE, next).await.unwrap_or(Ok(None))
}

impl From<Start> for AMQPValue {
    fn from(start: Start) -> Self {
        match start {
            Start::First => Self::LongString("first".into()),
            Start::Next => Self::LongString("next".into()),
            Start::Offset(offset) => Self::LongLongInt(offset),
            Start::Time(time) => Self::Timestamp(u64::try_from(time.timestamp()).unwrap_or(0)),
        }
    }
}

impl Reading {
    /// Ends the reading, and its connection with it.
    pub async fn close(self) {
        part(&self.connection).await;
    }

    /// The next event; waits for it. `None` when the broker ended the reading, for example because the log was
    /// deleted.
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
        while let Some(delivery) = self.deliveries.next().await.transpose()? {
            self.acknowledge(&delivery).await?;
            let logged = Logged::from(delivery);
            if logged.offset >= self.skip_before {
                return Ok(Some(logged));
            }
        }
        Ok(None)
    }

    /// Acknowledging takes nothing out of a stream: it only asks for more.
    async fn acknowledge(&mut self, delivery: &Delivery) -> Result<(), lapin::Error> {
        self.unacknowledged += 1;
        if self.unacknowledged >= ACK_EVERY {
            self.unacknowledged = 0;
            self.channel.basic_ack(delivery.delivery_tag, BasicAckOptions { multiple: true }).await?;
        }
        Ok(())
    }
}

impl From<Delivery> for Logged {
    fn from(delivery: Delivery) -> Self {
        let headers = delivery.properties.headers().as_ref();
        let offset = headers.and_then(|headers| headers.inner().get(OFFSET)?.as_long_long_int());
        let incoming = Incoming::from_delivery(&delivery);
        let marker = Marker::from_delivery(&delivery);
        Self {
            offset: offset.unwrap_or_default(),
            exchange: delivery.exchange.to_string(),
            routing_key: delivery.routing_key.to_string(),
            body: if incoming.is_none() { delivery.data } else { Vec::new() },
            incoming,
            marker,
        }
    }
}

impl Logged {
    /// Whether it is the marker that `topology` put into the new log, rather than an event.
    pub(crate) fn is_marker(&self) -> bool {
        self.marker.is_some()
    }

    /// When it happened, as far as that can be read.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        let marked = self.marker.as_ref().map(|marker| marker.time);
        marked.or_else(|| self.event().ok().map(|event| event.time))
    }

    /// The event, or why the message is none.
    pub fn event(&self) -> Result<&Envelope, &str> {
        match &self.incoming {
            Some(incoming) => incoming.envelope.as_ref().map_err(String::as_str),
            None => Err("a message without an event's headers"),
        }
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.incoming.as_ref().map_or(&self.routing_key, |incoming| &incoming.kind)
    }

    /// The event's id, where the message tells one.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.incoming.as_ref()?.event_id.as_deref()
    }

    /// Who published it, where the message tells.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        Some(&self.incoming.as_ref()?.place.source)
    }

    /// What it is about, where the message tells.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        Some(&self.incoming.as_ref()?.place.subject)
    }

    /// Its number among the source's events of the subject, where the message tells one.
    #[must_use]
    pub fn sequence(&self) -> Option<i64> {
        Some(self.incoming.as_ref()?.place.sequence)
    }

    /// The message as it was published.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.incoming.as_ref().map_or(&self.body, |incoming| &incoming.body)
    }
}
