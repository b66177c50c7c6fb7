//! The marker: the first message of a new queue, put there before the queue is bound to anything. It says that what was
//! published before is in the event log only.

use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use envelope::Clock;
use lapin::message::Delivery;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation};
use uuid::Uuid;

use super::error::TopologyError;
use super::names::dead_letters_of;
use crate::connection::Broker;
use crate::error::BusError;
use crate::headers::text;
use crate::passive_declare::look_for_exchange;

const CONTENT_TYPE: &str = "application/x-bus-marker";
/// The default exchange leads straight into a queue. No service may publish there, so nobody else can make markers.
const DEFAULT_EXCHANGE: &str = "";

/// Names the exchanges that the queue is about to be bound to, separated by spaces.
const EXCHANGES: &str = "exchanges";
/// The offset of the event log's last message at that time.
const LOG_END: &str = "log-end";

/// How long `topology` may take from the marker to the bindings; after that it was interrupted.
const BINDING: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// What a marker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub id: Uuid,
    /// The queue does not have what was published to them before the marker.
    pub exchanges: Vec<String>,
    /// The offset of the log's last message before the marker, unless it had none.
    pub log_end: Option<i64>,
    /// When it was put there, to the second.
    pub time: DateTime<Utc>,
}

/// Puts a marker into the queue.
pub(crate) async fn publish(
    channel: &Channel,
    queue: &str,
    exchanges: Vec<String>,
    log_end: Option<i64>,
    clock: Clock,
) -> Result<(), TopologyError> {
    let marker = Marker::new(exchanges, log_end, clock);
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    let confirm = channel
        .basic_publish(DEFAULT_EXCHANGE.into(), queue.into(), options, &[], marker.properties())
        .await?;
    let answer = match confirm.await? {
        Confirmation::Ack(None) => return Ok(()),
        Confirmation::Nack(_) => "refused",
        Confirmation::Ack(Some(_)) => "returned",
        Confirmation::NotRequested => "does not confirm",
    };
    Err(TopologyError::Unmarked { queue: queue.to_owned(), answer })
}

/// Waits until the queue is bound, see [`declare`](super::declare): a consumer that reads the event log to its end before
/// that misses what is published in between.
pub(crate) async fn until_bound(broker: &Broker, queue: &str) -> Result<(), BusError> {
    let connection = broker.connect_to_ask("topology watch").await?;
    let began = Instant::now();
    loop {
        let channel = connection.create_channel().await?;
        match look_for_exchange(&channel, &dead_letters_of(queue)).await {
            Err(BusError::Missing(_)) if began.elapsed() < BINDING => tokio::time::sleep(POLL_INTERVAL).await,
            bound => return bound,
        }
    }
}

impl Marker {
    fn new(exchanges: Vec<String>, log_end: Option<i64>, clock: Clock) -> Self {
        Self { id: Uuid::now_v7(), exchanges, log_end, time: clock.now().trunc_subsecs(0) }
    }

    fn properties(&self) -> BasicProperties {
        let mut headers = FieldTable::default();
        headers.insert(EXCHANGES.into(), AMQPValue::LongString(self.exchanges.join(" ").into()));
        if let Some(log_end) = self.log_end {
            headers.insert(LOG_END.into(), AMQPValue::LongLongInt(log_end));
        }
        BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type(CONTENT_TYPE.into())
            .with_message_id(self.id.to_string().into())
            .with_timestamp(u64::try_from(self.time.timestamp()).unwrap_or(0))
            .with_headers(headers)
    }

    /// The marker, if the message is one.
    pub fn from_delivery(delivery: &Delivery) -> Option<Self> {
        let properties = &delivery.properties;
        let is_marker = delivery.exchange.as_str() == DEFAULT_EXCHANGE
            && properties.content_type().as_ref().is_some_and(|kind| kind.as_str() == CONTENT_TYPE);
        let id = properties.message_id().as_ref().filter(|_| is_marker)?;
        let headers = properties.headers().as_ref()?.inner();
        let exchanges = text(headers.get(EXCHANGES)?)?;
        let log_end = headers.get(LOG_END).and_then(AMQPValue::as_long_long_int);
        let exchanges = exchanges.split_whitespace().map(str::to_owned).collect();
        let time =
            properties.timestamp().and_then(|time| DateTime::from_timestamp(i64::try_from(time).ok()?, 0))?;
        Some(Self { id: Uuid::parse_str(id.as_str()).ok()?, exchanges, log_end, time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(exchange: &str, properties: BasicProperties) -> Delivery {
        Delivery { properties, ..Delivery::mock(1, exchange.into(), "billing".into(), false, vec![]) }
    }

    #[test]
    fn a_marker_is_known_by_its_exchange_and_its_content_type() {
        let marker =
            Marker::new(vec!["orders.orders".into(), "stock.levels".into()], Some(7), Clock::system());
        let properties = marker.properties();
        let by_an_exchange = delivery("orders.orders", properties.clone());
        assert_eq!(Marker::from_delivery(&by_an_exchange), None, "any publisher can send such a message");
        assert_eq!(Marker::from_delivery(&delivery("", properties)), Some(marker));
        let event = BasicProperties::default().with_message_id(Uuid::now_v7().to_string().into());
        assert_eq!(Marker::from_delivery(&delivery("", event)), None);
    }
}
