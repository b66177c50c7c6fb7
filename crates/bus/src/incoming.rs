//! Between a row, an AMQP message and an envelope.

use envelope::Envelope;
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable};

/// The headers repeat what orders an event, for when its body can't be read.
const SOURCE: &str = "source";
const SUBJECT: &str = "subject";
const SEQUENCE: &str = "sequence";
/// The span that sent the message; the body has that of the change.
const TRACEPARENT: &str = "traceparent";

/// A row of the outbox.
#[derive(sqlx::FromRow)]
pub(crate) struct Outgoing {
    pub id: i64,
    pub event_id: uuid::Uuid,
    #[sqlx(rename = "type")]
    pub kind: String,
    pub subject: String,
    pub sequence: i64,
    pub body: Vec<u8>,
}

/// The part of an envelope that tells its trace.
#[derive(serde::Deserialize)]
struct Traced {
    traceparent: Option<String>,
}

impl Outgoing {
    /// The trace that the event belongs to.
    pub fn traceparent(&self) -> Option<String> {
        serde_json::from_slice::<Traced>(&self.body).ok()?.traceparent
    }

    /// `traceparent` is that of the span that sends it.
    pub fn properties(&self, source: &str, traceparent: Option<&str>) -> BasicProperties {
        let mut headers = FieldTable::default();
        headers.insert(SOURCE.into(), AMQPValue::LongString(source.into()));
        headers.insert(SUBJECT.into(), AMQPValue::LongString(self.subject.as_str().into()));
        headers.insert(SEQUENCE.into(), AMQPValue::LongLongInt(self.sequence));
        if let Some(traceparent) = traceparent {
            headers.insert(TRACEPARENT.into(), AMQPValue::LongString(traceparent.into()));
        }
        BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type(envelope::CONTENT_TYPE.into())
            .with_message_id(self.event_id.to_string().into())
            .with_type(self.kind.as_str().into())
            .with_app_id(source.into())
            .with_headers(headers)
    }
}

/// What orders events: the number of an event among its source's events of a subject. Ordered by subject first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub source: String,
    pub subject: String,
    pub sequence: i64,
}

/// An event as it came, readable or not.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub place: Place,
    pub event_id: Option<String>,
    pub kind: String,
    pub body: Vec<u8>,
    /// The span that sent it, where that is known.
    pub traceparent: Option<String>,
    /// The envelope, or why the body is none.
    pub envelope: Result<Envelope, String>,
}

impl Incoming {
    /// `None` when not even the headers say which event this is: such a message was not published by a relay.
    pub fn from_delivery(delivery: &Delivery) -> Option<Self> {
        let properties = &delivery.properties;
        let headers = properties.headers().as_ref()?.inner();
        let place = Place {
            source: text(headers.get(SOURCE)?)?,
            subject: text(headers.get(SUBJECT)?)?,
            sequence: headers.get(SEQUENCE)?.as_long_long_int()?,
        };
        let kind =
            properties.kind().as_ref().map_or_else(|| delivery.routing_key.to_string(), ToString::to_string);
        let event_id = properties.message_id().as_ref().map(ToString::to_string);
        let traceparent = headers.get(TRACEPARENT).and_then(text);
        Some(Self { traceparent, ..Self::new(place, event_id, kind, delivery.data.clone()) })
    }

    pub fn new(place: Place, event_id: Option<String>, kind: String, body: Vec<u8>) -> Self {
        let envelope = read(&place, &body);
        Self { place, event_id, kind, body, traceparent: None, envelope }
    }
}

fn read(place: &Place, body: &[u8]) -> Result<Envelope, String> {
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| format!("not a CloudEvent: {error}"))?;
    let said = (envelope.source.as_str(), envelope.subject.as_str(), envelope.sequence);
    if said == (place.source.as_str(), place.subject.as_str(), place.sequence) {
        Ok(envelope)
    } else {
        Err("the body names another source, subject or sequence than the headers".to_owned())
    }
}

pub(crate) fn text(value: &AMQPValue) -> Option<String> {
    value.as_long_string().and_then(|text| String::from_utf8(text.as_bytes().to_vec()).ok())
}
