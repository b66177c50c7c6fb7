//! From an AMQP message to an event.

use envelope::Envelope;
use lapin::message::Delivery;

use crate::headers::{SEQUENCE, SOURCE, SUBJECT, TRACEPARENT, text};
use crate::place::Place;

/// An event as it came, readable or not.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub place: Place,
    pub event_id: Option<String>,
    pub kind: String,
    pub body: Vec<u8>,
    /// The span that sent it, where that is known.
    pub traceparent: Option<String>,
    /// The envelope, or why the body is not one.
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
    let in_body = (envelope.source.as_str(), envelope.subject.as_str(), envelope.sequence);
    if in_body == (place.source.as_str(), place.subject.as_str(), place.sequence) {
        Ok(envelope)
    } else {
        Err("the body names another source, subject or sequence than the headers".to_owned())
    }
}
