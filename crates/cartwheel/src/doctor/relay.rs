//! Whether what a service has to publish gets out: whether a relay is at work, and whether the outbox moves.

use service::remedies::{OUTBOX_STUCK, UNCONFIRMED};
use sqlx::PgConnection;

use super::finding::Finding;

/// An instance that takes over from another one is at work within seconds.
const LATE: f64 = 60.0;

/// What waits in the outbox, and who is to publish it.
#[derive(sqlx::FromRow)]
struct Outbox {
    /// Of those that are to be published now.
    due: i64,
    /// Since when the first of them has been waiting, in seconds.
    oldest: Option<f64>,
    /// Published, and not confirmed.
    unconfirmed: i64,
    /// What the active relay's session calls itself.
    relay: Option<String>,
}

pub async fn examine(service: &str, connection: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
    // Refused events have a finding of their own. An event's id, of version 7, begins with when it was made.
    let outbox = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE publish_after IS NULL) AS due,
                count(*) FILTER (WHERE publish_after IS NOT NULL) AS unconfirmed,
                (extract(epoch FROM bus.now()) * 1000
                 - min(('x' || left(replace(event_id::text, '-', ''), 12))::bit(48)::bigint)
                       FILTER (WHERE publish_after IS NULL))::float8 / 1000 AS oldest,
                (SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
                 WHERE locktype = 'advisory' AND granted AND pg_locks.database = pg_stat_activity.datid
                   AND pg_stat_activity.datname = current_database()
                   AND (classid::bigint << 32) | objid::bigint = $1 LIMIT 1) AS relay
         FROM (SELECT event_id, publish_after FROM bus.outbox WHERE refused_at IS NULL ORDER BY id LIMIT 100000) AS outbox",
    );
    let outbox: Outbox = outbox.bind(bus::RELAY_LOCK).fetch_one(connection).await?;
    Ok(findings(service, &outbox))
}

fn findings(service: &str, outbox: &Outbox) -> Vec<Finding> {
    let subject = format!("{service}'s outbox");
    let Outbox { due, oldest, unconfirmed, relay } = outbox;
    let mut findings = Vec::new();
    let waits = oldest.unwrap_or(0.0);
    if waits > LATE {
        let (who, fix) = match relay {
            None => (
                "no relay is at work",
                format!(
                    "Start {service}; if it runs, its log and /health/details say what its relay waits for."
                ),
            ),
            Some(_) => ("its relay publishes nothing", OUTBOX_STUCK.to_owned()),
        };
        findings.push(Finding::wrong(
            &subject,
            format!("{due} events wait, the first for {waits:.0} s: {who}"),
            fix,
        ));
    }
    if *unconfirmed > 0 {
        findings.push(Finding::wrong(
            &subject,
            format!("{unconfirmed} events were published and not confirmed by the broker"),
            UNCONFIRMED,
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(subject, "nothing waits for long"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn wrong(oldest: Option<f64>, unconfirmed: i64, relay: Option<&str>) -> Vec<String> {
        let outbox = Outbox { due: 7, oldest, unconfirmed, relay: relay.map(str::to_owned) };
        let what = |finding: Finding| match finding.state {
            State::Wrong { what, .. } => Some(what),
            State::Ok(_) | State::NotChecked(_) => None,
        };
        findings("cart", &outbox).into_iter().filter_map(what).collect()
    }

    #[test]
    fn an_outbox_that_does_not_move_is_named_with_who_is_at_fault() {
        assert_eq!(wrong(None, 0, None), [""; 0]);
        assert_eq!(wrong(Some(3.0), 0, None), [""; 0]);
        assert_eq!(wrong(Some(90.0), 0, None), ["7 events wait, the first for 90 s: no relay is at work"]);
        let blocked = wrong(Some(90.0), 2, Some("cart relay"));
        assert_eq!(blocked[0], "7 events wait, the first for 90 s: its relay publishes nothing");
        assert!(blocked[1].starts_with("2 events were published and not confirmed"));
    }
}
