//! What clients did and were answered.

mod acknowledged;
mod expected;
mod ledger;

pub use acknowledged::{History, Line, Told};
pub use expected::{Added, Expected};
pub use ledger::{Entry, Ledger, Question, Record};
