//! Calls to the outside: a mail, a payment provider, a carrier.
//!
//! Never inside a transaction: a call is [placed](place) in the transaction that asks for it; it is claimed with a lease
//! and the claim committed; then it is made; then its outcome is recorded, together with what follows from it. If the
//! process crashes before that, the claim ends with its lease and the call is made again, under the same key. So a target
//! that knows keys does it once; where the target knows none, this is the one place where once means at least once.
//!
//! What is called and what an answer means is the service's [`Target`]. This module knows when: growing delays over more
//! than a day, a circuit breaker that tells a failing call from a failing target, and the operator's hand.

mod caller;
mod circuit_breaker;
mod claim;
mod forget;
mod operator;
mod outcome;
mod place_calls;
mod record;
mod recorder;
mod store;
mod target;
mod wake_up;
mod watch;
mod worker;

use sqlx::migrate::Migrator;

pub(crate) use caller::Caller;
pub use caller::Pace;
pub use forget::{GivenUp, give_up};
pub use operator::{Failures, Which, failures, retry, retry_one};
pub use outcome::{Outcome, Refusal};
pub use place_calls::{place, settle, withdraw};
pub use target::{Loaded, Settled, Target};
pub use wake_up::WakeUp;

/// The tables of the calls, in a schema of their own, with a table of their own to remember the migrations.
#[must_use]
pub fn migrations() -> Migrator {
    let mut migrations = sqlx::migrate!();
    migrations.create_schema("calls");
    migrations.dangerous_set_table_name("calls.migrations");
    migrations
}
