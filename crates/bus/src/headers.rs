//! The names of the headers of an event's message, see [`message`](crate::message).

use lapin::types::AMQPValue;

pub(crate) const SOURCE: &str = "source";
pub(crate) const SUBJECT: &str = "subject";
pub(crate) const SEQUENCE: &str = "sequence";
/// The number before, where that is not one less. Of packed events a list.
pub(crate) const PREVIOUS: &str = "previous";
/// The span that sent the event; the body has that of the change.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// Of packed events, one for each.
pub(crate) const IDS: &str = "ids";
pub(crate) const SUBJECTS: &str = "subjects";
pub(crate) const SEQUENCES: &str = "sequences";
/// How many bytes of the body each has.
pub(crate) const LENGTHS: &str = "lengths";
pub(crate) const TRACEPARENTS: &str = "traceparents";

/// A header's text, if it is one.
pub(crate) fn text(value: &AMQPValue) -> Option<String> {
    value.as_long_string().and_then(|text| String::from_utf8(text.as_bytes().to_vec()).ok())
}
