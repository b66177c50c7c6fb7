use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{anyhow, bail};
use envelope::Clock;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info};

/// How long a stop may take where nothing else is said.
const GRACE: Duration = Duration::from_secs(20);

/// The life of a process: its clock, its tasks, and how they are stopped: gracefully, then at once. A task that ends by
/// itself stops everything, since a service without its consumer must not look alive.
#[derive(Clone)]
pub struct Lifecycle {
    clock: Clock,
    stop: CancellationToken,
    grace: Duration,
    /// When it began to stop.
    stopping_since: Arc<OnceLock<Instant>>,
    tasks: TaskTracker,
    failed: Arc<OnceLock<String>>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::with_grace(GRACE)
    }
}

impl Lifecycle {
    /// A process in which everything may take this long to finish what it has begun, counted from the stop.
    #[must_use]
    pub fn with_grace(grace: Duration) -> Self {
        Self {
            clock: Clock::default(),
            stop: CancellationToken::default(),
            grace,
            stopping_since: Arc::default(),
            tasks: TaskTracker::default(),
            failed: Arc::default(),
        }
    }

    /// How long a stop may take.
    pub(crate) fn grace(&self) -> Duration {
        self.grace
    }

    /// When everything must have stopped, once the stop has begun.
    pub(crate) fn deadline(&self) -> Instant {
        *self.stopping_since.get_or_init(Instant::now) + self.grace
    }

    fn begin_stop(&self) {
        self.stopping_since.get_or_init(Instant::now);
        self.stop.cancel();
    }

    /// The clock of everything in the process.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Cancelled when everything should stop.
    #[must_use]
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs a task that should live until [`stop`](Self::stop) is cancelled.
    pub fn spawn(&self, name: &str, task: impl Future<Output = ()> + Send + 'static) {
        let this = self.clone();
        let name = name.to_owned();
        self.tasks.spawn(async move {
            let ended = tokio::spawn(task).await;
            if ended.is_err() || !this.stop.is_cancelled() {
                error!(task = name, "ended unexpectedly; stopping");
                let _ = this.failed.set(name);
                this.begin_stop();
            }
        });
    }

    /// Stops everything and waits until it has.
    ///
    /// # Errors
    /// When a task failed, or did not stop in time.
    pub async fn finish(&self) -> anyhow::Result<()> {
        self.begin_stop();
        self.tasks.close();
        tokio::time::timeout_at(self.deadline(), self.tasks.wait())
            .await
            .map_err(|_| anyhow!("some tasks did not stop within {:?}", self.grace))?;
        match self.failed.get() {
            Some(name) => bail!("the task '{name}' ended unexpectedly"),
            None => Ok(()),
        }
    }

    /// Stops gracefully on the first SIGINT or SIGTERM, and at once on the second.
    ///
    /// # Errors
    /// When the signals can't be listened to.
    pub fn stop_on_signals(&self) -> std::io::Result<()> {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let this = self.clone();
        tokio::spawn(async move {
            for again in [false, true] {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if again {
                    std::process::exit(130);
                }
                info!("stopping; send the signal again to stop at once");
                this.begin_stop();
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_by_itself_stops_everything_and_is_named() {
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("consumer", async {});
        lifecycle.stop().cancelled().await;
        let error = lifecycle.finish().await.unwrap_err();
        assert!(error.to_string().contains("consumer"));
    }

    #[tokio::test]
    async fn a_task_that_ends_after_stop_is_no_failure() {
        let lifecycle = Lifecycle::default();
        let stop = lifecycle.stop();
        lifecycle.spawn("relay", async move { stop.cancelled().await });
        lifecycle.finish().await.unwrap();
    }
}
