//! Parked events: events that could not be taken wait in the service's own database, visible, and in the order of their
//! subject.
//!
//! A *failed* event is tried again with growing delays; *waiting* ones are taken as soon as the event before them is; a
//! *fatal* one, which crashed the process repeatedly, waits for an operator. The functions here are the operator's actions:
//! [`list`] and [`show`] what is parked, [`retry`] or [`discard`] an event, [`release`] one that waits for lost ones.
//! [`preview`] and [`decide`] do the same with all that match a filter. Each decision is [recorded](crate::audit) with its
//! reason.

pub(crate) mod arrivals;
pub(crate) mod attempts;
mod decisions;
mod error;
mod filter;
pub(crate) mod first_of_subject;
pub(crate) mod gap_searches;
pub(crate) mod gaps;
mod operator;
mod parked;
pub(crate) mod retries;
pub(crate) mod retry_delay;
pub(crate) mod rows;
mod state;

pub use decisions::{Action, Decided, Group, decide, preview};
pub use error::ParkingError;
pub use filter::Filter;
pub use operator::{discard, list, release, retry, show};
pub use parked::{Details, Parked};
