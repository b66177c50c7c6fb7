//! The checker: the history that clients recorded, compared with every service's rows, the event log, and the mails.

mod answers;
mod audit;
mod backlog;
mod cart_event;
mod cart_state;
mod check;
mod databases;
mod findings;
mod invariants;
mod settle;

pub use audit::{Audit, Said};
pub use backlog::{Backlog, has_taken, published};
pub use check::{Checker, Scope};
pub use databases::Databases;
pub use findings::{Findings, Violation};
pub use invariants::event_log::POISON;
pub use invariants::time::{Periods, unwatched_cart, unwatched_carts};
pub use settle::settle;
