//! From a message to its events.

use std::collections::BTreeMap;

use envelope::BATCH_CONTENT_TYPE;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use serde::de::DeserializeOwned;

use super::packing::MOST_EVENTS;
use crate::event_key::EventKey;
use crate::headers::{
    IDS, LENGTHS, PREVIOUS, SEQUENCE, SEQUENCES, SOURCE, SUBJECT, SUBJECTS, TRACEPARENT, TRACEPARENTS, text,
};
use crate::incoming::Incoming;
use crate::invalid_event::{InvalidEvent, check_id, check_names, check_numbers};

type Headers = BTreeMap<ShortString, AMQPValue>;

/// How many events a message has; not exactly where it is not one that a relay sends.
pub(crate) fn events_in(delivery: &Delivery) -> usize {
    let sequences = delivery.properties.headers().as_ref().and_then(|headers| headers.inner().get(SEQUENCES));
    let sequences = sequences.and_then(AMQPValue::as_long_string);
    sequences.map_or(1, |list| list.as_bytes().split(|byte| *byte == b',').count())
}

/// The events of a message, in their order. One that can't be read is among them: the headers say which one it is.
///
/// Fails when not even the headers say which events these are, or in a way that no database takes.
pub(crate) fn read(delivery: &Delivery) -> Result<Vec<Incoming>, InvalidEvent> {
    let properties = &delivery.properties;
    let headers = properties.headers().as_ref().map(FieldTable::inner).ok_or(InvalidEvent::NoHeaders)?;
    let source = headers.get(SOURCE).and_then(text).ok_or(InvalidEvent::NoHeaders)?;
    let kind =
        properties.kind().as_ref().map_or_else(|| delivery.routing_key.to_string(), ToString::to_string);
    if properties.content_type().as_ref().is_none_or(|kind| kind.as_str() != BATCH_CONTENT_TYPE) {
        let id = properties.message_id().as_ref().map(ToString::to_string);
        return Ok(vec![alone(id, headers)?.event(&source, &kind, &delivery.data)?]);
    }
    let (described, lengths) = packed(headers)?;
    let events = described.into_iter().zip(split(&delivery.data, &lengths));
    events.map(|(described, body)| described.event(&source, &kind, body)).collect()
}

/// What the headers say of an event.
struct Described {
    id: Option<String>,
    subject: String,
    sequence: i64,
    previous: Option<i64>,
    traceparent: Option<String>,
}

impl Described {
    fn event(self, source: &str, kind: &str, body: &[u8]) -> Result<Incoming, InvalidEvent> {
        let Self { id, subject, sequence, previous, traceparent } = self;
        check_names(source, &subject, kind)?;
        id.as_deref().map(check_id).transpose()?;
        let key = EventKey { source: source.to_owned(), subject, sequence };
        let event = Incoming::new(key, previous, id, kind.to_owned(), body.to_vec());
        check_numbers(sequence, event.previous)?;
        Ok(event.sent_by(traceparent))
    }
}

fn alone(id: Option<String>, headers: &Headers) -> Result<Described, InvalidEvent> {
    let number = |header: &str| headers.get(header).and_then(AMQPValue::as_long_long_int);
    Ok(Described {
        id,
        subject: headers.get(SUBJECT).and_then(text).ok_or(InvalidEvent::NoHeaders)?,
        sequence: number(SEQUENCE).ok_or(InvalidEvent::NoHeaders)?,
        previous: number(PREVIOUS),
        traceparent: headers.get(TRACEPARENT).and_then(text),
    })
}

/// What the headers say of each event, and how long each is.
fn packed(headers: &Headers) -> Result<(Vec<Described>, Vec<usize>), InvalidEvent> {
    let ids: Vec<String> = list(headers, IDS)?;
    let subjects: Vec<String> = list(headers, SUBJECTS)?;
    let sequences: Vec<i64> = list(headers, SEQUENCES)?;
    let lengths: Vec<usize> = list(headers, LENGTHS)?;
    let previous: Vec<Option<i64>> = list_or_nothing(headers, PREVIOUS, ids.len())?;
    let traceparents: Vec<Option<String>> = list_or_nothing(headers, TRACEPARENTS, ids.len())?;
    let entries = [subjects.len(), sequences.len(), lengths.len(), previous.len(), traceparents.len()];
    if entries.iter().any(|entries| *entries != ids.len()) || !(1..=MOST_EVENTS).contains(&ids.len()) {
        return Err(InvalidEvent::NoHeaders);
    }
    let each = ids.into_iter().zip(subjects).zip(sequences).zip(previous).zip(traceparents);
    let described = each.map(|((((id, subject), sequence), previous), traceparent)| Described {
        id: Some(id),
        subject,
        sequence,
        previous,
        traceparent,
    });
    Ok((described.collect(), lengths))
}

fn list<T: DeserializeOwned>(headers: &Headers, name: &str) -> Result<Vec<T>, InvalidEvent> {
    let value = headers.get(name).and_then(AMQPValue::as_long_string).ok_or(InvalidEvent::NoHeaders)?;
    serde_json::from_slice(value.as_bytes()).map_err(|_| InvalidEvent::NoHeaders)
}

/// The list, or nothing for each event where there is none.
fn list_or_nothing<T: DeserializeOwned + Clone>(
    headers: &Headers,
    name: &str,
    events: usize,
) -> Result<Vec<Option<T>>, InvalidEvent> {
    if headers.contains_key(name) { list(headers, name) } else { Ok(vec![None; events]) }
}

/// The bodies of the events in a body. Where they don't have these lengths, it can't be said which part is whose: then each gets
/// all of it, and none can be read but one that is all there is.
fn split<'a>(body: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    parts(body, lengths).unwrap_or_else(|| vec![body; lengths.len()])
}

fn parts<'a>(body: &'a [u8], lengths: &[usize]) -> Option<Vec<&'a [u8]>> {
    let mut parts = Vec::with_capacity(lengths.len());
    let mut rest = body;
    for length in lengths {
        // In front of each is a bracket or a comma.
        let (part, behind) = rest.get(1..)?.split_at_checked(*length)?;
        parts.push(part);
        rest = behind;
    }
    (rest == b"]").then_some(parts)
}

#[cfg(test)]
mod tests;
