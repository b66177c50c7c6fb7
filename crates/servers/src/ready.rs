//! Waiting until a server answers.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::held::Held;

const STARTED: Duration = Duration::from_mins(2);
const GIVEN: Duration = Duration::from_secs(10);
const PROBE: Duration = Duration::from_secs(5);

/// What the probe finds once it succeeds; the server's last words when it ends before that.
pub(crate) async fn until_answers<T>(
    what: &str,
    held: &mut Held,
    probe: impl AsyncFn() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let limit = if matches!(held, Held::Given) { GIVEN } else { STARTED };
    let start = Instant::now();
    loop {
        let answer = tokio::time::timeout(PROBE, probe()).await.context("no answer").flatten();
        let error = match answer {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        if let Some(log) = held.has_died().await? {
            anyhow::bail!("{what} ended while it was starting. The end of its log:\n{log}");
        }
        if start.elapsed() > limit {
            return Err(error.context(format!("{what} does not answer after {} s", limit.as_secs())));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
