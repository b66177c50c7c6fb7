//! A message on its way to the broker.

use envelope::{BATCH_CONTENT_TYPE, CONTENT_TYPE, aggregate_of};
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use serde_json::Value;

use crate::headers::{
    IDS, LENGTHS, PREVIOUS, SEQUENCE, SEQUENCES, SOURCE, SUBJECT, SUBJECTS, TRACEPARENT, TRACEPARENTS,
};
use crate::outbox_row::OutboxRow;

/// Some rows of the outbox as one message: of one aggregate and one type, at least one.
pub(crate) struct Message<'a> {
    first: &'a OutboxRow,
    rows: Vec<&'a OutboxRow>,
    exchange: String,
    bytes: usize,
}

impl<'a> Message<'a> {
    pub fn of(row: &'a OutboxRow) -> Self {
        let exchange = aggregate_of(&row.source);
        Self { first: row, rows: vec![row], exchange, bytes: row.body.len() }
    }

    pub fn add(&mut self, row: &'a OutboxRow) {
        self.rows.push(row);
        self.bytes += row.body.len();
    }

    /// In the outbox's order.
    pub fn rows(&self) -> &[&'a OutboxRow] {
        &self.rows
    }

    pub fn ids(&self) -> Vec<i64> {
        self.rows.iter().map(|row| row.id).collect()
    }

    pub fn kind(&self) -> &str {
        &self.first.kind
    }

    pub fn source(&self) -> &str {
        &self.first.source
    }

    /// The exchange of its aggregate.
    pub fn exchange(&self) -> &str {
        &self.exchange
    }

    /// How much its events have.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn body(&self) -> Vec<u8> {
        if let [row] = self.rows.as_slice() {
            return row.body.clone();
        }
        let mut body = Vec::with_capacity(self.bytes + self.rows.len() + 1);
        let mut before = b'[';
        for row in &self.rows {
            body.push(before);
            body.extend_from_slice(&row.body);
            before = b',';
        }
        body.push(b']');
        body
    }

    /// `traceparents` are those of the spans that send the events.
    pub fn properties(&self, traceparents: &[Option<&str>]) -> BasicProperties {
        let mut headers = FieldTable::default();
        headers.insert(SOURCE.into(), string(self.source()));
        let content_type = if let [row] = self.rows.as_slice() {
            write_one(row, traceparents.first().copied().flatten(), &mut headers);
            CONTENT_TYPE
        } else {
            write_many(&self.rows, traceparents, &mut headers);
            BATCH_CONTENT_TYPE
        };
        BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type(content_type.into())
            .with_message_id(self.first.event_id.to_string().into())
            .with_type(self.kind().into())
            .with_app_id(self.source().into())
            .with_headers(headers)
    }
}

fn write_one(row: &OutboxRow, traceparent: Option<&str>, headers: &mut FieldTable) {
    headers.insert(SUBJECT.into(), string(&row.subject));
    headers.insert(SEQUENCE.into(), AMQPValue::LongLongInt(row.sequence));
    if let Some(previous) = row.previous {
        headers.insert(PREVIOUS.into(), AMQPValue::LongLongInt(previous));
    }
    if let Some(traceparent) = traceparent {
        headers.insert(TRACEPARENT.into(), string(traceparent));
    }
}

fn write_many(rows: &[&OutboxRow], traceparents: &[Option<&str>], headers: &mut FieldTable) {
    let mut list = |name: &str, values: Value| {
        headers.insert(name.into(), string(&values.to_string()));
    };
    list(IDS, rows.iter().map(|row| row.event_id.to_string()).collect());
    list(SUBJECTS, rows.iter().map(|row| row.subject.as_str()).collect());
    list(SEQUENCES, rows.iter().map(|row| row.sequence).collect());
    list(LENGTHS, rows.iter().map(|row| row.body.len()).collect());
    if rows.iter().any(|row| row.previous.is_some()) {
        list(PREVIOUS, rows.iter().map(|row| row.previous).collect());
    }
    if traceparents.iter().any(Option::is_some) {
        list(TRACEPARENTS, traceparents.iter().copied().collect());
    }
}

fn string(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}
