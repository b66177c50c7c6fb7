//! How the event that a batch fails at is found: by halves, so that one bad event among many costs a few transactions
//! and not one for each.
//!
//! Where it isn't clear that an event is at fault (a time limit, or code and schema that don't fit), it is parked only if
//! others are taken. If none is, the whole batch is tried again, until the caller's patience is at an end.

use tracing::debug;

use crate::inbox::batch_processor::{BatchProcessor, Taken};
use crate::inbox::handler::Handler;
use crate::inbox::interrupted::{Interrupted, Verdict};
use crate::incoming::Incoming;

impl<H: Handler> BatchProcessor<H> {
    /// Takes what can be taken, and parks what fails. `decided`: an event that fails alone is at fault, even where that
    /// isn't clear.
    pub(super) async fn take_or_isolate(
        &self,
        sorted: &[&Incoming],
        decided: bool,
    ) -> Result<Taken, Interrupted> {
        match self.take_under_locks(sorted).await {
            Ok(taken) => Ok(taken),
            Err(error) => self.isolate(sorted, error, decided).await,
        }
    }

    /// For events that failed together.
    pub(super) async fn isolate(
        &self,
        sorted: &[&Incoming],
        error: Interrupted,
        mut decided: bool,
    ) -> Result<Taken, Interrupted> {
        let verdict = error.verdict();
        let is_fault = verdict == Verdict::Events || (verdict == Verdict::Unclear && decided);
        match sorted {
            _ if verdict == Verdict::Circumstances => return Err(error),
            [event] if is_fault => return self.park_failed(event, &error.reason()).await,
            [] | [_] => return Err(error),
            _ => {}
        }
        debug!(events = sorted.len(), %error, "a batch failed; taking its halves");
        let mut taken = Taken::default();
        if !is_fault {
            taken.add(self.take_any(sorted).await?.ok_or(error)?);
            decided = true;
        }
        let (first, second) = sorted.split_at(sorted.len() / 2);
        for half in [first, second] {
            taken.add(Box::pin(self.take_or_isolate(half, decided)).await?);
        }
        Ok(taken)
    }

    /// Takes the first or the last event. `None` if that isn't possible with either.
    async fn take_any(&self, sorted: &[&Incoming]) -> Result<Option<Taken>, Interrupted> {
        for event in sorted.first().into_iter().chain(sorted.last()) {
            match self.take_under_locks(&[event]).await {
                Ok(taken) if taken.tried > 0 => return Ok(Some(taken)),
                Err(error) if error.verdict() == Verdict::Circumstances => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(None)
    }
}
