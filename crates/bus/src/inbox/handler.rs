use envelope::Envelope;
use sqlx::PgConnection;

use crate::failure::Failure;

/// What a service does on events.
pub trait Handler: Send + Sync + 'static {
    /// Handles new events, which are in order for each subject, in the transaction that also moves the positions: write all
    /// effects through `connection`, and your own events through an [`Outbox`](crate::Outbox). The slice also contains types
    /// that the service does not need; ignore them.
    ///
    /// # Errors
    /// [`Failure::Transient`] to get the same events again, [`Failure::Permanent`] when an event can't be handled. In both
    /// cases, everything that was written is rolled back.
    fn handle(
        &self,
        events: &[&Envelope],
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Whether the handler only builds tables from the events, so that these can be rebuilt from nothing. For a handler that
    /// makes decisions it must be false: run over old events, it would decide a second time.
    const PROJECTS: bool = false;

    /// Empties the tables that it builds from the events; called before they are rebuilt.
    ///
    /// # Errors
    /// When the database refuses a statement.
    fn clear(&self, _connection: &mut PgConnection) -> impl Future<Output = sqlx::Result<()>> + Send {
        async { Ok(()) }
    }
}
