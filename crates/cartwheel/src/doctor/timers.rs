//! Timers that should have fired, and those that have failed too often.

use std::time::Duration;

use bus::TimerBacklog;
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
            let fix = format!(
                "Is {service} running, in a release that knows this kind? Its /health/details and its log say what its timers wait for."
            );
            findings.push(Finding::wrong(subject(kind), what, fix));
        }
        if *failed > 0 {
            let what = format!("{failed} have failed too often and wait for an operator");
            let fix = "`cartwheel timers list` shows the errors; once the cause is fixed, `cartwheel timers retry` fires them.";
            findings.push(Finding::wrong(subject(kind), what, fix));
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
