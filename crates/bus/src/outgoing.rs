//! From a row of the outbox to an AMQP message.

use envelope::aggregate_of;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};

use crate::headers::{PREVIOUS, SEQUENCE, SOURCE, SUBJECT, TRACEPARENT};

/// A row of the outbox.
#[derive(sqlx::FromRow)]
pub(crate) struct Outgoing {
    pub id: i64,
    pub event_id: uuid::Uuid,
    #[sqlx(rename = "type")]
    pub kind: String,
    pub source: String,
    pub subject: String,
    pub sequence: i64,
    pub previous: Option<i64>,
    pub body: Vec<u8>,
}

impl Outgoing {
    /// The exchange of its aggregate.
    pub fn exchange(&self) -> String {
        aggregate_of(&self.source)
    }

    /// The message's properties. `traceparent` is that of the span that sends it.
    pub fn properties(&self, traceparent: Option<&str>) -> BasicProperties {
        let mut headers = FieldTable::default();
        headers.insert(SOURCE.into(), AMQPValue::LongString(self.source.as_str().into()));
        headers.insert(SUBJECT.into(), AMQPValue::LongString(self.subject.as_str().into()));
        headers.insert(SEQUENCE.into(), AMQPValue::LongLongInt(self.sequence));
        if let Some(previous) = self.previous {
            headers.insert(PREVIOUS.into(), AMQPValue::LongLongInt(previous));
        }
        if let Some(traceparent) = traceparent {
            headers.insert(TRACEPARENT.into(), AMQPValue::LongString(traceparent.into()));
        }
        BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type(envelope::CONTENT_TYPE.into())
            .with_message_id(self.event_id.to_string().into())
            .with_type(self.kind.as_str().into())
            .with_app_id(self.source.as_str().into())
            .with_headers(headers)
    }
}
