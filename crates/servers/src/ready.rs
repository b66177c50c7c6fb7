//! Waiting until something is ready. Every wait of the workspace is this loop, or one built on it.

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep, timeout};

use crate::runner::Runner;

const PAUSE: Duration = Duration::from_millis(20);
/// More between two probes of a starting server, which needs the processor itself.
const SERVER_PAUSE: Duration = Duration::from_millis(80);
const STARTED: Duration = Duration::from_mins(2);
const EXISTING: Duration = Duration::from_secs(10);
const PROBE: Duration = Duration::from_secs(5);

/// What to do after a probe that has failed.
pub enum Next {
    /// Try again.
    Again(anyhow::Error),
    /// Fail at once: it cannot succeed any more.
    GiveUp(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Next {
    fn from(error: E) -> Self {
        Self::Again(error.into())
    }
}

/// What the probe returns, once it succeeds.
///
/// # Errors
/// The probe's last error, when it gives up or `limit` is over.
pub async fn until<T>(limit: Duration, mut probe: impl AsyncFnMut() -> Result<T, Next>) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        // A probe that hangs ends, too; the last one has some time of its own.
        let left = limit.saturating_sub(start.elapsed()).max(PROBE);
        let probed = timeout(left, probe()).await.context("the probe hangs");
        match probed.unwrap_or_else(|error| Err(Next::GiveUp(error))) {
            Ok(found) => return Ok(found),
            Err(Next::GiveUp(error)) => return Err(error),
            Err(Next::Again(error)) if start.elapsed() >= limit => return Err(error),
            Err(Next::Again(_)) => sleep(PAUSE).await,
        }
    }
}

/// Waits until an HTTP address answers with a success, such as a service's `/health/ready`.
///
/// # Errors
/// When it has not within `limit`: its last answer.
pub async fn until_success(url: &str, limit: Duration) -> anyhow::Result<()> {
    let http = endpoint::client(PROBE)?;
    let answered = until(limit, async || {
        let answer = http.get(url).send().await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        Err(anyhow::anyhow!("{status}: {}", answer.text().await.unwrap_or_default()).into())
    });
    answered.await.with_context(|| format!("{url} is not ready after {} s", limit.as_secs()))
}

/// What the probe of a server returns, once it succeeds; the end of the server's log if it ends before that.
pub(crate) async fn until_answers<T>(
    server: &str,
    runner: &mut Runner,
    probe: impl AsyncFn() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let limit = if matches!(runner, Runner::External) { EXISTING } else { STARTED };
    let answered = until(limit, async || {
        let error = match timeout(PROBE, probe()).await.context("no answer").flatten() {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        if let Some(log) = runner.has_died().await? {
            let text = format!("{server} ended while it was starting. The end of its log:\n{log}");
            return Err(Next::GiveUp(anyhow::anyhow!(text)));
        }
        sleep(SERVER_PAUSE).await;
        Err(error.context(format!("{server} does not answer after {} s", limit.as_secs())).into())
    });
    answered.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_probe_is_repeated_until_it_succeeds() {
        let mut probes = 0;
        let found = until(Duration::from_secs(5), async || {
            probes += 1;
            if probes == 3 { Ok(probes) } else { Err(anyhow::anyhow!("not yet").into()) }
        });
        assert_eq!(found.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn the_last_error_is_returned_when_the_time_is_over_or_there_is_no_hope() {
        let over = until(Duration::from_millis(30), async || Err::<(), _>(anyhow::anyhow!("not yet").into()));
        assert_eq!(over.await.unwrap_err().to_string(), "not yet");
        let hopeless = async || Err::<(), _>(Next::GiveUp(anyhow::anyhow!("gone")));
        assert_eq!(until(Duration::from_mins(5), hopeless).await.unwrap_err().to_string(), "gone");
    }
}
