//! The envelope that every event travels in: [CloudEvents 1.0](https://cloudevents.io) as structured JSON.
//!
//! An event type implements [`EventType`]; an [`Envelope`] carries one event, with what is needed to route it, to
//! order it and to trace it. On reading, the data stays raw JSON until it is asked for, so that a service parses
//! only the events that it needs. The crate does no I/O and knows no broker.
//!
//! ```
//! use cartwheel_envelope::{Cause, Clock, Envelope, EventType};
//!
//! #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
//! struct OrderPlaced { order: String, total_cents: i64 }
//!
//! impl EventType for OrderPlaced {
//!     const TYPE: &'static str = "orders.order-placed.v1";
//!     const AGGREGATE: &'static str = "orders.orders";
//!     fn subject(&self) -> String { self.order.clone() }
//! }
//!
//! let event = OrderPlaced { order: "A-17".into(), total_cents: 2590 };
//! let cause = Cause::started_by("request-7");
//! let sent = Envelope::new(&event, &cause, Clock::system().now())?.numbered(1);
//! let json = serde_json::to_vec(&sent)?;
//!
//! let received: Envelope = serde_json::from_slice(&json)?;
//! assert_eq!((received.subject.as_str(), received.sequence), ("A-17", 1));
//! assert_eq!(received.read::<OrderPlaced>()?, Some(event));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! A consumer that takes several event types reads them as one enum and matches it exhaustively: see [`EventSet`].

#![warn(clippy::missing_errors_doc)]

mod after;
mod aggregate;
mod attributes;
mod cause;
mod clock;
mod envelope;
mod event_set;
mod event_type;

pub use after::After;
pub use aggregate::{aggregate_of, source_of};
pub use cause::Cause;
pub use clock::Clock;
pub use envelope::{BATCH_CONTENT_TYPE, CONTENT_TYPE, Envelope};
pub use event_set::EventSet;
pub use event_type::EventType;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
