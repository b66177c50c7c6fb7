//! The checker: what clients were answered, compared with what every service has.

mod audit;
mod backlog;
mod databases;
mod effects;
mod findings;
mod invariants;
mod mails;
mod pairs;
mod reconcile;
mod rows;
mod settle;

pub use audit::{Audit, Difference};
pub use backlog::Backlog;
pub use databases::Books;
pub use findings::{Breach, Findings};
pub use reconcile::{Reconciled, reconcile};
pub use rows::{CartEvent, OutboxRow, StoredLine, StoredMail};
pub use settle::settle;
