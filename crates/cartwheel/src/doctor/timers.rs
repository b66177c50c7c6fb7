//! Timers that should have fired, and those that have failed too often.

use std::time::Duration;

use bus::TimerBacklog;
use service::remedies::{TIMERS_FAILED, TIMERS_LATE};
use sqlx::PgConnection;

use super::finding::Finding;

/// An instance that takes over from another one is at work within seconds.
const LATE: Duration = Duration::from_mins(1);

pub async fn examine(service: &str, connection: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
    // The tables of a former release are reported as such.
    let is_there = sqlx::query_scalar("SELECT to_regclass('bus.timers') IS NOT NULL");
    if !is_there.fetch_one(&mut *connection).await? {
        return Ok(Vec::new());
    }
    Ok(findings(service, &TimerBacklog::look(connection).await?))
}

fn findings(service: &str, backlog: &[TimerBacklog]) -> Vec<Finding> {
    let subject = |kind: &str| format!("{service}'s timers '{kind}'");
    let mut findings = Vec::new();
    for TimerBacklog { kind, due, late, failed, .. } in backlog {
        if *late > LATE {
            let what = format!("{due} are overdue, the first by {} s", late.as_secs());
            findings.push(Finding::wrong(subject(kind), what, TIMERS_LATE));
        }
        if *failed > 0 {
            let what = format!("{failed} have failed too often and wait for an operator");
            findings.push(Finding::wrong(subject(kind), what, TIMERS_FAILED));
        }
    }
    if findings.is_empty() && !backlog.is_empty() {
        findings
            .push(Finding::ok(format!("{service}'s timers"), "none is overdue, none waits for an operator"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn wrong(late: u64, failed: i64) -> Vec<String> {
        let late = Duration::from_secs(late);
        let backlog = TimerBacklog { kind: "cart.quiet".to_owned(), due: 7, late, retried: 3, failed };
        let what = |finding: Finding| match finding.state {
            State::Wrong { what, .. } => Some(what),
            State::Ok(_) | State::NotChecked(_) => None,
        };
        findings("cart", &[backlog]).into_iter().filter_map(what).collect()
    }

    #[test]
    fn overdue_timers_and_failed_ones_are_named() {
        assert_eq!(wrong(5, 0), [""; 0]);
        assert_eq!(wrong(90, 0), ["7 are overdue, the first by 90 s"]);
        assert_eq!(wrong(0, 2), ["2 have failed too often and wait for an operator"]);
        assert_eq!(findings("cart", &[]).len(), 0);
    }
}
