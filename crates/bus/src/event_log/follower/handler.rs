use super::batch::LogBatch;
use super::log_position::LogPosition;
use crate::failure::Failure;

/// What somebody does who follows the event log.
pub trait LogHandler: Send + Sync + 'static {
    /// How far the log was taken, or nothing if it never was: asked each time that reading begins, so also after every
    /// failure. `taken` is what this process has taken last, for those who keep no more than that.
    ///
    /// Who writes it down together with its effects has each event's effect once, whatever crashes. Where only one
    /// instance may work, the others wait here until it is their turn.
    ///
    /// # Errors
    /// When that can't be read now.
    fn reached(
        &self,
        taken: Option<LogPosition>,
    ) -> impl Future<Output = Result<Option<LogPosition>, Failure>> + Send {
        async { Ok(taken) }
    }

    /// Takes what came. Nothing more is read meanwhile. Nobody has removed duplicates: an event that was published twice
    /// comes twice, and one whose publication failed at first may come behind later ones of its subject.
    ///
    /// # Errors
    /// [`Failure::Permanent`] when one of the events can't be taken: then it is found by halving, reported, and passed
    /// over. After any other failure reading begins again from where [`reached`](Self::reached) says.
    fn take(&self, batch: &LogBatch) -> impl Future<Output = Result<(), Failure>> + Send;
}
