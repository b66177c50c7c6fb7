//! From a row of the outbox to an AMQP message.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};

use crate::headers::{SEQUENCE, SOURCE, SUBJECT, TRACEPARENT};

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

impl Outgoing {
    /// The message's properties. `traceparent` is that of the span that sends it.
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
