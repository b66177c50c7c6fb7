//! Waiting for a condition.

use std::time::Duration;

use anyhow::anyhow;
use servers::ready;
use sqlx::PgPool;

/// What the condition gives once it gives something. Checks it again and again, and panics with `what` when the
/// time is over.
pub async fn eventually<T>(
    what: &str,
    timeout: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let found = ready::until(timeout, async || condition().await.ok_or_else(|| anyhow!("").into())).await;
    found.unwrap_or_else(|_| panic!("not within {timeout:?}: {what}"))
}

/// Waits until a query gives this number.
pub async fn until_number(pool: &PgPool, query: &'static str, expected: i64, timeout: Duration) {
    let reached = ready::until(timeout, async || {
        let number = sqlx::query_scalar::<_, Option<i64>>(query).fetch_optional(pool).await;
        let number = number.unwrap_or_else(|error| panic!("{query}: {error}")).flatten();
        if number == Some(expected) {
            Ok(())
        } else {
            Err(anyhow!("{query} gave {number:?}, not {expected}").into())
        }
    });
    reached.await.unwrap_or_else(|error| panic!("after {timeout:?}: {error}"));
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
    #[should_panic(expected = "a condition that is never met")]
    async fn what_does_not_come_is_named() {
        eventually("a condition that is never met", Duration::from_millis(30), async || None::<()>).await;
    }
}
