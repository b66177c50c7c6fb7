//! Analytics from the outside: events through a real broker, figures and events over REST, with a real database.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod baskets;
mod events;
mod figures;
mod instances;
mod losses;
mod pruning;
mod replaying;
mod support;
