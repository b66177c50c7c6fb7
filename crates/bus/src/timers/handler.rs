use sqlx::PgConnection;

use crate::failure::Failure;
use crate::timers::due_timer::DueTimer;

/// What a service does when a time has come.
pub trait TimerHandler: Send + Sync + 'static {
    /// The kinds of timers that it handles. Others are left to releases that know them.
    const KINDS: &'static [&'static str];

    /// Locks the rows that [`fire`](Self::fire) works on, in the order in which everybody else does who also sets timers:
    /// the service's own rows first, sorted, then the timers. Between this and `fire`, the bus locks these timers and leaves
    /// out those that were set again or cancelled meanwhile.
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
    /// `connection`, and events through an [`Outbox`](crate::Outbox). What turns out to be too early is set again, through
    /// [`Timers::set`](crate::Timers::set): such a timer stays.
    ///
    /// After a restored backup, a timer may fire whose effects are known already, by the service's own events: look first
    /// whether there is still something to do.
    ///
    /// # Errors
    /// [`Failure::Transient`] to get the same timers again, [`Failure::Permanent`] when a timer can't be handled. Nothing of
    /// what was written stays in either case.
    fn fire(
        &self,
        timers: &[DueTimer],
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}
