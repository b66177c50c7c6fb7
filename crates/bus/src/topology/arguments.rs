//! The properties that queues are declared with. RabbitMQ can't change them on an existing queue.

use lapin::types::{AMQPValue, FieldTable};

use super::log_retention::LogRetention;
use super::names::dead_letters_of;

/// A backstop only: the broker also counts lost connections and deploys, so its count must never decide.
const DELIVERY_LIMIT: i64 = 1_000_000;
const LOG_SEGMENT_BYTES: i64 = 16 << 20;

/// No length limit: a full queue would nack half of a fan-out.
pub(super) fn service_queue(service: &str) -> FieldTable {
    arguments([
        ("x-queue-type", text("quorum")),
        ("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT)),
        ("x-dead-letter-exchange", text(&dead_letters_of(service))),
        // At-least-once needs reject-publish; with drop-head the broker silently takes at-most-once.
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ])
}

pub(super) fn dead_letter_queue() -> FieldTable {
    arguments([
        ("x-queue-type", text("quorum")),
        ("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT)),
    ])
}

/// Retention drops whole segments, so they are small.
pub(super) fn event_log(retention: &LogRetention) -> FieldTable {
    let max_bytes = i64::try_from(retention.max_bytes).unwrap_or(i64::MAX);
    arguments([
        ("x-queue-type", text("stream")),
        ("x-max-length-bytes", AMQPValue::LongLongInt(max_bytes)),
        ("x-max-age", text(&retention.age())),
        ("x-stream-max-segment-size-bytes", AMQPValue::LongLongInt(LOG_SEGMENT_BYTES)),
    ])
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

fn arguments<const N: usize>(pairs: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert(name.into(), value);
    }
    table
}
