//! How the timer that a batch fails at is found: by halves, as for events.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::inbox::interrupted::{Interrupted, Verdict};
use crate::timers::due_timer::DueTimer;
use crate::timers::firing::Firing;
use crate::timers::handler::TimerHandler;

/// While all timers of a batch fail, and it isn't clear why, it is tried again for this long.
const PATIENCE: Duration = Duration::from_secs(10);

impl<H: TimerHandler> Firing<H> {
    /// Fires what can be fired, and notes what fails.
    pub async fn fire_or_isolate(
        &self,
        connection: &mut PgConnection,
        timers: &[DueTimer],
    ) -> Result<(), Interrupted> {
        let fired = self.fire_halves(connection, timers, self.is_out_of_patience()).await;
        let is_unclear = fired.as_ref().is_err_and(|error| error.verdict() == Verdict::Unclear);
        let mut since = self.unclear_since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = is_unclear.then(|| since.unwrap_or_else(Instant::now));
        fired
    }

    /// `decided`: a timer that fails alone is at fault, even where that isn't clear.
    async fn fire_halves(
        &self,
        connection: &mut PgConnection,
        timers: &[DueTimer],
        mut decided: bool,
    ) -> Result<(), Interrupted> {
        let Err(error) = self.fire(connection, timers).await else { return Ok(()) };
        let verdict = error.verdict();
        let is_fault = verdict == Verdict::Events || (verdict == Verdict::Unclear && decided);
        match timers {
            _ if verdict == Verdict::Circumstances => return Err(error),
            [timer] if is_fault => return self.note_failure(connection, timer, 1, &error.reason()).await,
            [] | [_] => return Err(error),
            _ => {}
        }
        if !is_fault {
            self.fire_any(connection, timers).await?.ok_or(error)?;
            decided = true;
        }
        let (first, second) = timers.split_at(timers.len() / 2);
        for half in [first, second] {
            Box::pin(self.fire_halves(connection, half, decided)).await?;
        }
        Ok(())
    }

    /// Fires the first or the last timer. `None` if that isn't possible with either.
    async fn fire_any(
        &self,
        connection: &mut PgConnection,
        timers: &[DueTimer],
    ) -> Result<Option<()>, Interrupted> {
        for timer in timers.first().into_iter().chain(timers.last()) {
            match self.fire(connection, std::slice::from_ref(timer)).await {
                Ok(()) => return Ok(Some(())),
                Err(error) if error.verdict() == Verdict::Circumstances => return Err(error),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    fn is_out_of_patience(&self) -> bool {
        let since = self.unclear_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() > PATIENCE)
    }
}
