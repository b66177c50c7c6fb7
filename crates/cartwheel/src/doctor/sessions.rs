//! Whether sessions with a service's database keep the limits that they set, and whether one of them is stuck.

use sqlx::PgConnection;

use super::finding::Finding;

/// A session that waits for a lock, or does nothing in a transaction, for more seconds than this.
const LONG: f64 = 30.0;
/// What each session sets itself.
const LIMITS: [&str; 3] = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];

pub async fn examine(service: &str, connection: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
    let limits =
        sqlx::query_as("SELECT name, setting <> '0' FROM pg_settings WHERE name = ANY($1) ORDER BY name")
            .bind(LIMITS)
            .fetch_all(&mut *connection)
            .await?;
    let stuck = sqlx::query_as(
        "SELECT pid, application_name, wait_event_type = 'Lock',
                extract(epoch FROM now() - state_change)::float8
         FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND (wait_event_type = 'Lock' OR state LIKE 'idle in transaction%')
           AND now() - state_change > make_interval(secs => $1)
         ORDER BY state_change LIMIT 1",
    )
    .bind(LONG)
    .fetch_optional(connection)
    .await?;
    let subject = |what: &str| format!("{what} of {service}'s database");
    Ok(vec![
        check_limits(subject("the limits"), &limits),
        check_stuck(subject("the sessions"), stuck.as_ref()),
    ])
}

fn check_limits(subject: String, limits: &[(String, bool)]) -> Finding {
    match limits.iter().find(|(_, is_set)| !is_set) {
        None => Finding::ok(subject, "sessions set their own time limits"),
        Some((name, _)) => Finding::wrong(
            subject,
            format!("{name} is not in force, though the session sets it: is there a pooler in between?"),
            "Let services connect directly, or set it for the role: ALTER ROLE … SET …",
        ),
    }
}

fn check_stuck(subject: String, stuck: Option<&(i32, String, bool, f64)>) -> Finding {
    let Some((pid, name, waits, seconds)) = stuck else { return Finding::ok(subject, "none is stuck") };
    let what = if *waits { "has waited for a lock" } else { "has done nothing in a transaction" };
    Finding::wrong(
        subject,
        format!("'{name}' (process {pid}) {what} for {seconds:.0} s"),
        format!("Look at it in pg_stat_activity, and end it if need be: SELECT pg_terminate_backend({pid})"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn found(finding: Finding) -> String {
        match finding.state {
            State::Ok(seen) => seen,
            State::Wrong { what, .. } | State::NotChecked(what) => what,
        }
    }

    #[test]
    fn a_limit_that_is_not_in_force_is_named() {
        let limits = |set| [("lock_timeout".to_owned(), true), ("statement_timeout".to_owned(), set)];
        assert_eq!(found(check_limits(String::new(), &limits(true))), "sessions set their own time limits");
        assert!(found(check_limits(String::new(), &limits(false))).starts_with("statement_timeout is not"));
    }

    #[test]
    fn a_session_that_stands_still_is_named() {
        let stuck = (7, "cart".to_owned(), true, 41.0);
        let what = found(check_stuck(String::new(), Some(&stuck)));
        assert_eq!(what, "'cart' (process 7) has waited for a lock for 41 s");
        assert_eq!(found(check_stuck(String::new(), None)), "none is stuck");
    }
}
