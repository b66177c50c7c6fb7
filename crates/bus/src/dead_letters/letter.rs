use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};

use crate::headers::text;
use crate::message::reading;

/// What RabbitMQ writes into the headers of a message that it moves or delivers again.
const OF_THE_BROKER: [&str; 3] = ["x-death", "x-first-death-", "x-last-death-"];
const DELIVERY_COUNT: &str = "x-delivery-count";

/// A message that is a dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Identifies it among the present dead letters: a hash of its content, so a letter that is there twice has one id.
    pub id: String,
    /// Why RabbitMQ moved it: `rejected` by the service, or `delivery_limit`.
    pub reason: String,
    /// When it became one, if RabbitMQ says so.
    pub since: Option<DateTime<Utc>>,
    /// The type of its events; empty where it has none.
    pub kind: String,
    /// The source, subject and number of each of its events; empty if it has no event.
    pub events: Vec<(String, String, i64)>,
    /// The size of its body.
    pub bytes: usize,
}

/// A dead letter with its whole content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedDeadLetter {
    /// What is known of every dead letter.
    pub letter: DeadLetter,
    /// Its headers, without those that list where RabbitMQ has moved it.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl DeadLetter {
    pub(super) fn of(delivery: &Delivery) -> Self {
        let reason = header(delivery, "x-first-death-reason").and_then(text);
        let kind = delivery.properties.kind().as_ref().map(ToString::to_string);
        let events = reading::read(delivery).unwrap_or_default().into_iter();
        let events = events.map(|event| (event.key.source, event.key.subject, event.key.sequence));
        Self {
            id: id(delivery),
            reason: reason.unwrap_or_else(|| "unknown".to_owned()),
            since: since(delivery),
            // One that came to the queue directly was published with the queue's name, which is no type.
            kind: kind.unwrap_or_else(|| {
                if delivery.exchange.as_str().is_empty() {
                    String::new()
                } else {
                    delivery.routing_key.to_string()
                }
            }),
            events: events.collect(),
            bytes: delivery.data.len(),
        }
    }
}

impl OpenedDeadLetter {
    pub(super) fn of(delivery: &Delivery) -> Self {
        let is_shown = |name: &ShortString, value: &AMQPValue| {
            name.as_str() != DELIVERY_COUNT && !matches!(value, AMQPValue::FieldArray(_))
        };
        let headers = headers(delivery).filter(|(name, value)| is_shown(name, value));
        let shown = |value: &AMQPValue| text(value).unwrap_or_else(|| number(value));
        Self {
            letter: DeadLetter::of(delivery),
            headers: headers.map(|(name, value)| (name.to_string(), shown(value))).collect(),
            body: delivery.data.clone(),
        }
    }
}

/// The headers that its publisher has given it. A message that is put back has no others.
pub(super) fn headers_of_the_publisher(delivery: &Delivery) -> FieldTable {
    let mut own = FieldTable::default();
    for (name, value) in headers(delivery).filter(|(name, _)| !is_the_brokers(name)) {
        own.insert(name.clone(), value.clone());
    }
    own
}

/// The exchange that it was published to; empty where it came to the queue directly.
pub(super) fn exchange(delivery: &Delivery) -> String {
    header(delivery, "x-first-death-exchange").and_then(text).unwrap_or_default()
}

pub(super) fn id(delivery: &Delivery) -> String {
    let mut hasher = DefaultHasher::new();
    delivery.properties.message_id().as_ref().map(ShortString::as_str).hash(&mut hasher);
    delivery.routing_key.as_str().hash(&mut hasher);
    for (name, value) in headers(delivery).filter(|(name, _)| !is_the_brokers(name)) {
        (name.as_str(), format!("{value:?}")).hash(&mut hasher);
    }
    delivery.data.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn headers(delivery: &Delivery) -> impl Iterator<Item = (&ShortString, &AMQPValue)> {
    delivery.properties.headers().iter().flat_map(FieldTable::inner)
}

fn header<'a>(delivery: &'a Delivery, name: &str) -> Option<&'a AMQPValue> {
    headers(delivery).find(|(found, _)| found.as_str() == name).map(|(_, value)| value)
}

fn is_the_brokers(name: &ShortString) -> bool {
    let name = name.as_str();
    name == DELIVERY_COUNT || OF_THE_BROKER.iter().any(|beginning| name.starts_with(beginning))
}

/// When RabbitMQ moved it, to the second.
fn since(delivery: &Delivery) -> Option<DateTime<Utc>> {
    let AMQPValue::FieldArray(deaths) = header(delivery, "x-death")? else { return None };
    let AMQPValue::FieldTable(last) = deaths.as_slice().first()? else { return None };
    let AMQPValue::Timestamp(time) = last.inner().get("time")? else { return None };
    DateTime::from_timestamp(i64::try_from(*time).ok()?, 0)
}

/// A value that is no text.
fn number(value: &AMQPValue) -> String {
    value.as_long_long_int().map_or_else(|| format!("{value:?}"), |number| number.to_string())
}
