use envelope::Envelope;
use sqlx::PgConnection;

use crate::failure::Failure;

/// What a service does on events.
pub trait Handler: Send + Sync + 'static {
    /// Handles events that are new and in order, by subject, in the transaction that also moves the positions:
    /// write all effects through `connection`, and your own events through an [`Outbox`](crate::Outbox). Types that
    /// the service does not need are in the slice too and are passed over.
    ///
    /// # Errors
    /// [`Failure::Transient`] to get the same events again, [`Failure::Permanent`] when an event can't be handled.
    /// Nothing of what was written stays in either case.
    fn handle(
        &self,
        events: &[&Envelope],
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Whether all that it does is to build tables from the events, so that they can be rebuilt from nothing. A
    /// handler that decides something must say no: run over old events, it would decide a second time.
    const PROJECTS: bool = false;

    /// Empties the tables that it builds from the events; called before they are rebuilt.
    ///
    /// # Errors
    /// When the database refuses a statement.
    fn clear(&self, _connection: &mut PgConnection) -> impl Future<Output = sqlx::Result<()>> + Send {
        async { Ok(()) }
    }
}
