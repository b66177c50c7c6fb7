use sqlx::PgConnection;

use crate::failure::Failure;
use crate::timers::due_timer::DueTimer;

/// What a service does when a time has come.
pub trait TimerHandler: Send + Sync + 'static {
    /// The kinds of timers that it handles. Others are left for releases that know them.
    const KINDS: &'static [&'static str];

    /// Locks the rows that [`fire`](Self::fire) works on, in the same order as all code that sets timers: the service's own
    /// rows first, sorted, then the timers. Between this and `fire`, the bus locks these timers and leaves out those that
    /// have been set again or cancelled in the meantime.
    ///
    /// # Errors
    /// As for `fire`.
    fn lock(
        &self,
        _timers: &[DueTimer],
        _connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        async { Ok(()) }
    }

    /// Does what these timers of one kind were set for, in the transaction that also deletes them: write all effects through
    /// `connection`, and events through an [`Outbox`](crate::Outbox). If it turns out to be too early, set the timer again
    /// with [`Timers::set`](crate::Timers::set): then it stays.
    ///
    /// After a backup was restored, a timer may fire whose effects have already been imported with the service's own events:
    /// first check whether there is still something to do.
    ///
    /// # Errors
    /// [`Failure::Transient`] to get the same timers again, [`Failure::Permanent`] when a timer can't be handled. In both
    /// cases, everything that was written is rolled back.
    fn fire(
        &self,
        timers: &[DueTimer],
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}
