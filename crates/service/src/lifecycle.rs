use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{anyhow, bail};
use envelope::Clock;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info};

/// How long tasks may take to finish what they have begun.
const GRACE_PERIOD: Duration = Duration::from_secs(20);

/// The life of a process: its clock, its tasks, and how they are stopped: gracefully, then at once. A task that ends by
/// itself stops everything, since a service without its consumer must not look alive.
#[derive(Clone, Default)]
pub struct Lifecycle {
    clock: Clock,
    stop: CancellationToken,
    tasks: TaskTracker,
    failed: Arc<OnceLock<String>>,
}

impl Lifecycle {
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
                this.stop.cancel();
            }
        });
    }

    /// Stops everything and waits until it has.
    ///
    /// # Errors
    /// When a task failed, or did not stop in time.
    pub async fn finish(&self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(GRACE_PERIOD, self.tasks.wait())
            .await
            .map_err(|_| anyhow!("some tasks did not stop within {GRACE_PERIOD:?}"))?;
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
        let stop = self.stop.clone();
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
                stop.cancel();
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
