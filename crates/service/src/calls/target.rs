//! What the outside is, for the mechanism: a service implements this.

use std::collections::HashMap;

use bus::OutboxError;
use sqlx::PgConnection;

use super::outcome::{Outcome, Refusal};

/// Calls as the service's rows have them, by their keys; or why one can't be made.
pub type Loaded<C> = HashMap<String, Result<C, String>>;

/// A target that a service calls.
pub trait Target: Send + Sync + 'static {
    /// What a call says, made of the service's own rows.
    type Call: Send + Sync;
    /// What a worker keeps from one call to the next: a connection, for example.
    type Session: Send;

    /// What the target is called in the table, in metrics and in log lines: `mail server`.
    const NAME: &'static str;

    /// Reads what claimed calls say. One that is missing, or can't be made, fails alone.
    fn load(&self, keys: &[String]) -> impl Future<Output = sqlx::Result<Loaded<Self::Call>>> + Send;

    /// Begins a session. Nothing is sent yet.
    fn session(&self) -> Self::Session;

    /// Makes a call, within the caller's time limit.
    fn call(&self, call: &Self::Call, session: &mut Self::Session) -> impl Future<Output = Outcome> + Send;

    /// Ends a session that idles, or is of no more use.
    fn close(&self, session: &mut Self::Session) -> impl Future<Output = ()> + Send;

    /// Writes what follows from calls that are settled, events among it, in the transaction that records them.
    fn record(
        &self,
        connection: &mut PgConnection,
        settled: &[Settled<'_>],
    ) -> impl Future<Output = Result<(), OutboxError>> + Send;
}

/// A call that is settled: done, or failed for good.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a> {
    /// The call.
    pub key: &'a str,
    /// How often the target was asked.
    pub attempts: i32,
    /// Why it failed; none if it is done.
    pub failure: Option<&'a Refusal>,
}
