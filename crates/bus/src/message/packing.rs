//! Which events share a message.

use std::collections::{BTreeSet, HashMap};

use super::Message;
use crate::outbox_row::OutboxRow;

/// The most events in one message. What is in the headers for each (an id, a subject, a number, a span: some 650 bytes
/// at most) has to fit into one frame, of which RabbitMQ allows 128 kB.
pub(crate) const MOST_EVENTS: usize = 64;
/// A message that has this many bytes gets no more events. Consumers keep hundreds of messages in memory.
const ENOUGH_BYTES: usize = 64 << 10;

/// Packs the outbox's next rows into messages, to be published in this order.
///
/// Each event joins the newest message of its aggregate and type, unless that is full or its subject's last event is in a
/// later message. So a subject's events stay in their order, since the messages go out on one channel.
pub(crate) fn pack<'a>(rows: &'a [OutboxRow], unpacked: &BTreeSet<String>) -> Vec<Message<'a>> {
    let mut messages: Vec<Message<'a>> = Vec::new();
    let mut newest: HashMap<(&str, &str), usize> = HashMap::new();
    let mut last_of_subject: HashMap<(&str, &str), usize> = HashMap::new();
    for row in rows {
        let kind = (row.source.as_str(), row.kind.as_str());
        let subject = (row.source.as_str(), row.subject.as_str());
        let joined = newest.get(&kind).copied().filter(|newest| {
            last_of_subject.get(&subject).is_none_or(|last| last <= newest)
                && has_room(&messages[*newest], row)
        });
        let place = joined.unwrap_or(messages.len());
        if let Some(message) = messages.get_mut(place) {
            message.add(row);
        } else {
            messages.push(Message::of(row));
        }
        if !unpacked.contains(messages[place].exchange()) {
            newest.insert(kind, place);
        }
        last_of_subject.insert(subject, place);
    }
    messages
}

fn has_room(message: &Message<'_>, row: &OutboxRow) -> bool {
    message.rows().len() < MOST_EVENTS && message.bytes() + row.body.len() <= ENOUGH_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, kind: &str, subject: &str, bytes: usize) -> OutboxRow {
        OutboxRow {
            id,
            event_id: uuid::Uuid::nil(),
            kind: kind.into(),
            source: "/cart/carts".into(),
            subject: subject.into(),
            sequence: id,
            previous: None,
            body: vec![b' '; bytes],
        }
    }

    /// The messages' types and ids.
    fn packed(rows: &[(&str, &str)]) -> Vec<(String, Vec<i64>)> {
        let rows: Vec<OutboxRow> =
            (1..).zip(rows).map(|(id, (kind, subject))| row(id, kind, subject, 100)).collect();
        let messages = pack(&rows, &BTreeSet::new());
        messages.iter().map(|message| (message.kind().to_owned(), message.ids())).collect()
    }

    #[test]
    fn events_of_one_type_share_a_message() {
        let rows = [("added", "a"), ("removed", "b"), ("added", "c"), ("removed", "d"), ("added", "a")];
        assert_eq!(packed(&rows), [("added".into(), vec![1, 3, 5]), ("removed".into(), vec![2, 4])]);
    }

    #[test]
    fn a_subject_keeps_its_order() {
        let rows = [("added", "a"), ("removed", "a"), ("added", "a"), ("added", "b"), ("removed", "a")];
        let messages = packed(&rows);
        let expected = [
            ("added".into(), vec![1]),
            ("removed".into(), vec![2]),
            ("added".into(), vec![3, 4]),
            ("removed".into(), vec![5]),
        ];
        assert_eq!(messages, expected);
    }

    #[test]
    fn a_full_message_gets_no_more() {
        let many: Vec<OutboxRow> = (1..=130).map(|id| row(id, "added", "a", 100)).collect();
        let sizes = |rows: &[OutboxRow]| -> Vec<usize> {
            pack(rows, &BTreeSet::new()).iter().map(|message| message.rows().len()).collect()
        };
        assert_eq!(sizes(&many), [64, 64, 2]);
        let large: Vec<OutboxRow> = (1..=3).map(|id| row(id, "added", "a", 40 << 10)).collect();
        assert_eq!(sizes(&large), [1, 1, 1]);
    }

    #[test]
    fn an_aggregate_may_have_one_event_a_message() {
        let rows: Vec<OutboxRow> = (1..=3).map(|id| row(id, "added", "a", 100)).collect();
        assert_eq!(pack(&rows, &BTreeSet::from(["cart.carts".to_owned()])).len(), 3);
    }

    /// Whatever comes: nothing is lost or doubled, and no subject is reordered.
    #[test]
    fn every_order_of_types_and_subjects_is_kept() {
        for seed in 0..500_u64 {
            let mut state = seed;
            let mut random = move |below: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % below
            };
            let rows: Vec<OutboxRow> = (1..=200)
                .map(|id| {
                    let (kind, subject) = (random(3).to_string(), random(5).to_string());
                    row(id, &kind, &subject, 100)
                })
                .collect();
            let messages = pack(&rows, &BTreeSet::new());
            let mut sent: Vec<i64> = Vec::new();
            let mut last: HashMap<String, i64> = HashMap::new();
            for message in &messages {
                assert!(message.rows().iter().all(|row| row.kind == message.kind()));
                for row in message.rows() {
                    assert!(last.insert(row.subject.clone(), row.id) < Some(row.id), "seed {seed}");
                    sent.push(row.id);
                }
            }
            sent.sort_unstable();
            assert_eq!(sent, (1..=200).collect::<Vec<_>>());
        }
    }
}
