//! Waiting for a condition.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const PAUSE: Duration = Duration::from_millis(20);

/// What the condition gives once it gives something. Asks it again and again, and panics with `what` when the
/// time is over.
pub async fn eventually<T>(
    what: &str,
    timeout: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(start.elapsed() < timeout, "not within {timeout:?}: {what}");
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_find_is_given_back() {
        let mut asked = 0;
        let found = eventually("three", Duration::from_secs(5), async || {
            asked += 1;
            (asked == 3).then_some(asked)
        });
        assert_eq!(found.await, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "rain in the desert")]
    async fn what_does_not_come_is_named() {
        eventually("rain in the desert", Duration::from_millis(30), async || None::<()>).await;
    }
}
