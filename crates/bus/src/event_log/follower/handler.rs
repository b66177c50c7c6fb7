use super::batch::LogBatch;
use super::log_position::LogPosition;
use crate::failure::Failure;

/// What a follower does with the event log.
pub trait LogHandler: Send + Sync + 'static {
    /// How far the log was taken, or `None` if it never was. Called each time reading begins, so also after every failure.
    /// `taken` is what this process took last, for handlers that store nothing else.
    ///
    /// A handler that stores its position together with its effects has the effect of each event once, whatever crashes. If
    /// only one instance may work, the others wait in this call until it is their turn.
    ///
    /// # Errors
    /// When that can't be read now.
    fn reached(
        &self,
        taken: Option<LogPosition>,
    ) -> impl Future<Output = Result<Option<LogPosition>, Failure>> + Send {
        async { Ok(taken) }
    }

    /// Takes a batch; nothing more is read in the meantime. Duplicates are not removed: an event that was published twice
    /// comes twice, and one whose publication failed at first may come after later ones of its subject.
    ///
    /// # Errors
    /// [`Failure::Permanent`] when one of the events can't be taken: then it is found by halving, reported, and skipped.
    /// After any other failure, reading begins again at the position that [`reached`](Self::reached) returns.
    fn take(&self, batch: &LogBatch) -> impl Future<Output = Result<(), Failure>> + Send;
}
