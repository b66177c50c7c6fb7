//! The names of the headers of an event's message. They repeat what orders an event, for when its body can't be read.

use lapin::types::AMQPValue;

pub(crate) const SOURCE: &str = "source";
pub(crate) const SUBJECT: &str = "subject";
pub(crate) const SEQUENCE: &str = "sequence";
/// The number before, where that is not one less.
pub(crate) const PREVIOUS: &str = "previous";
/// The span that sent the message; the body has that of the change.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// A header's text, if it is one.
pub(crate) fn text(value: &AMQPValue) -> Option<String> {
    value.as_long_string().and_then(|text| String::from_utf8(text.as_bytes().to_vec()).ok())
}
