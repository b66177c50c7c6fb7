use envelope::{Cause, Clock, Envelope, EventType};
use lapin::BasicProperties;

use super::*;
use crate::message::Message;
use crate::outbox_row::OutboxRow;

#[derive(serde::Serialize, serde::Deserialize)]
struct Opened {
    cart: String,
}

impl EventType for Opened {
    const TYPE: &'static str = "cart.opened.v1";
    const AGGREGATE: &'static str = "cart.carts";

    fn subject(&self) -> String {
        self.cart.clone()
    }
}

fn row(cart: &str, sequence: i64, previous: Option<i64>) -> OutboxRow {
    let opened = Opened { cart: cart.to_owned() };
    let mut event = Envelope::new(&opened, &Cause::started_by("a test"), Clock::system().now()).unwrap();
    (event.sequence, event.previous) = (sequence, previous);
    let body = serde_json::to_vec(&event).unwrap();
    let Envelope { id: event_id, kind, source, subject, .. } = event;
    OutboxRow { id: sequence, event_id, kind, source, subject, sequence, previous, body }
}

fn message(rows: &[OutboxRow]) -> Message<'_> {
    let mut message = Message::of(&rows[0]);
    rows[1..].iter().for_each(|row| message.add(row));
    message
}

fn delivery(properties: BasicProperties, body: Vec<u8>) -> Delivery {
    let kind = "cart.opened.v1".into();
    Delivery { properties, ..Delivery::mock(1, "cart.carts".into(), kind, false, body) }
}

fn with_header(properties: &BasicProperties, name: &str, value: &str) -> BasicProperties {
    let mut headers = properties.headers().clone().unwrap();
    headers.insert(name.into(), AMQPValue::LongString(value.into()));
    properties.clone().with_headers(headers)
}

#[test]
fn what_is_written_is_read_again() {
    let rows = [row("a", 1, None), row("b, \"c\"", 7, None), row("a", 5_000_000_000, Some(1))];
    for rows in [&rows[..1], &rows[..2], &rows[..]] {
        let message = message(rows);
        let traceparents: Vec<Option<&str>> =
            rows.iter().map(|row| row.previous.map(|_| "00-1-2-01")).collect();
        let events = read(&delivery(message.properties(&traceparents), message.body())).unwrap();
        assert_eq!(events.len(), rows.len());
        for ((event, row), traceparent) in events.iter().zip(rows).zip(traceparents) {
            assert_eq!(
                event.key,
                EventKey { source: row.source.clone(), subject: row.subject.clone(), sequence: row.sequence }
            );
            assert_eq!(event.previous_if_told(), row.previous);
            assert_eq!(event.event_id, Some(row.event_id.to_string()));
            assert_eq!(event.traceparent.as_deref(), traceparent);
            assert_eq!(event.body, row.body);
            assert_eq!(event.envelope.as_ref().unwrap().id, row.event_id);
        }
    }
}

#[test]
fn a_part_that_is_no_event_is_the_only_one() {
    let mut rows = [row("a", 1, None), row("b", 1, None), row("c", 1, None)];
    rows[1].body = b"no JSON [".to_vec();
    let message = message(&rows);
    let events = read(&delivery(message.properties(&[]), message.body())).unwrap();
    assert_eq!(events.iter().map(|event| event.envelope.is_ok()).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(events[1].body, rows[1].body);
    assert_eq!(events[1].key.subject, "b");
}

#[test]
fn of_a_body_that_cannot_be_split_each_event_has_all_and_cannot_be_read() {
    let rows = [row("a", 1, None), row("b", 1, None)];
    let properties = message(&rows).properties(&[]);
    for body in [&b"[{\"a\":"[..], b"[]", b"{}", b"[{},{},{}]"] {
        let events = read(&delivery(properties.clone(), body.to_vec())).unwrap();
        let subjects: Vec<&str> = events.iter().map(|event| event.key.subject.as_str()).collect();
        assert_eq!(subjects, ["a", "b"]);
        assert!(events.iter().all(|event| event.envelope.is_err() && event.body == body));
    }
}

#[test]
fn lists_that_do_not_fit_are_refused() {
    let rows = [row("a", 1, None), row("b", 1, None)];
    let message = message(&rows);
    let properties = message.properties(&[]);
    let too_many = serde_json::to_string(&vec![1; MOST_EVENTS + 1]).unwrap();
    for (name, value) in [
        (IDS, "[]"),
        (SUBJECTS, "[\"a\"]"),
        (SEQUENCES, "[1,\"2\"]"),
        (PREVIOUS, "1"),
        (SEQUENCES, &too_many),
        (LENGTHS, "[1]"),
        (LENGTHS, "[-1,5]"),
    ] {
        let properties = with_header(&properties, name, value);
        let refused = read(&delivery(properties, message.body())).unwrap_err();
        assert_eq!(refused, InvalidEvent::NoHeaders, "{name}: {value}");
    }
    let misnumbered = with_header(&properties, SEQUENCES, "[1,0]");
    let refused = read(&delivery(misnumbered, message.body())).unwrap_err();
    assert_eq!(refused, InvalidEvent::Misnumbered { sequence: 0, previous: -1 });
}
