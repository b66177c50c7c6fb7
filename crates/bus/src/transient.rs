//! Which database errors are worth another try.

/// Whether the same statement may well succeed later: the database is away, busy, stopping, or another transaction
/// was in the way.
#[must_use]
pub fn is_transient(error: &sqlx::Error) -> bool {
    use sqlx::Error as E;
    match error {
        E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) => true,
        E::Database(error) => error.code().is_some_and(|code| is_transient_code(&code)),
        _ => false,
    }
}

/// PostgreSQL's error codes, appendix A: connection trouble (08), serialisation failure and deadlock (40), out of
/// resources (53), operator intervention (57), system errors (58), lock not available (55P03), idle session ended
/// (25P03), read-only because it is a standby now (25006).
fn is_transient_code(code: &str) -> bool {
    ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class))
        || ["55P03", "25P03", "25006"].contains(&code)
}
