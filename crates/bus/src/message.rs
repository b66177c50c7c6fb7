//! How events travel: alone, or packed with others of their type into one message.
//!
//! A message costs the broker about the same whatever is in it, so the relay packs what is waiting: the busier a service, the
//! fewer messages per event. An event that is alone is in the structured mode of `CloudEvents`; several are in its batch
//! mode, a JSON array. The fields that order events are in the message's headers too, in case the body can't be read:
//!
//! | alone | packed: a JSON array, in a string | |
//! |---|---|---|
//! | `source` | `source`: as alone, since it is the same for all | the aggregate |
//! | the property `message-id` | `ids` | |
//! | | `lengths` | how many bytes of the body are the event's, so that one that is no JSON spoils no other |
//! | `subject` | `subjects` | |
//! | `sequence` | `sequences` | |
//! | `previous` | `previous`, if one of them has it | where that is not one less than the sequence |
//! | `traceparent` | `traceparents`, if one of them has it | the span that sent the event |
//!
//! Strings, because streams keep no lists in headers: RabbitMQ stores their messages in the form of AMQP 1.0.

pub(crate) mod accepting;
pub(crate) mod packing;
pub(crate) mod reading;
mod written;

pub(crate) use written::Message;
