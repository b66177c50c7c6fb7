//! How a timer is tried alone: one that has failed, or that may have ended the process. An attempt is committed before it is
//! made, so that one that ends the process counts as well.

use sqlx::PgConnection;
use tracing::error;

use crate::inbox::interrupted::{Interrupted, Verdict};
use crate::parking::retry_delay::{self, AFTER_INTERRUPTION};
use crate::timers::due_timer::DueTimer;
use crate::timers::firing::Firing;
use crate::timers::handler::TimerHandler;
use crate::timers::rows;

/// After this many attempts, the last of which has ended the process, a timer is not tried again.
const MAX_CRASHES: i32 = 5;

impl<H: TimerHandler> Firing<H> {
    /// Tries a timer, if it is still set as it was.
    pub async fn try_alone(
        &self,
        connection: &mut PgConnection,
        timer: &DueTimer,
    ) -> Result<(), Interrupted> {
        let earlier = timer.attempts;
        if timer.crashed && earlier >= MAX_CRASHES {
            return self.give_up(connection, timer).await;
        }
        let attempts = earlier + 1;
        if !rows::begin_attempt(connection, timer, attempts, retry_delay::after(attempts)).await? {
            return Ok(());
        }
        let Err(error) = self.fire(connection, std::slice::from_ref(timer)).await else { return Ok(()) };
        if let Interrupted::Late(_) = error {
            // It may hang each time, so this counts; and its connection may be half open.
            return Err(error);
        }
        if error.verdict() == Verdict::Circumstances {
            let (delay, before) =
                (Some(AFTER_INTERRUPTION), Some("the database was in trouble when it was tried"));
            rows::note_attempt(connection, timer, earlier.max(1), delay, before).await?;
            return Err(error);
        }
        self.note_failure(connection, timer, attempts, &error.reason()).await
    }

    async fn give_up(&self, connection: &mut PgConnection, timer: &DueTimer) -> Result<(), Interrupted> {
        let DueTimer { kind, key, attempts, .. } = timer;
        let reason = format!("the process ended, or took too long, in {attempts} attempts");
        rows::note_attempt(connection, timer, *attempts, None, Some(&reason)).await?;
        error!(kind, key, reason, "a timer waits for an operator");
        self.observer.timer_failed(kind);
        Ok(())
    }
}
