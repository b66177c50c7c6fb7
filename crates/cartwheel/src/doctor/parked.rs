//! Events that a service could not process, and those that wait for an operator.

use service::remedies::PARKED;
use sqlx::PgConnection;

use super::finding::Finding;

/// How many events of a service are parked in each state.
#[derive(Clone, Copy, Default, sqlx::FromRow)]
struct Parked {
    /// They crashed the process repeatedly.
    fatal: i64,
    /// What comes before them is nowhere to be found.
    missing: i64,
    /// They failed too often, and are not tried again.
    given_up: i64,
    /// They failed, and are tried again.
    retried: i64,
    /// They wait for one of these, or for one that is on its way.
    waiting: i64,
}

pub async fn examine(service: &str, connection: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
    // The tables of a former release are reported as such.
    let is_there = sqlx::query_scalar("SELECT to_regclass('bus.parked') IS NOT NULL");
    if !is_there.fetch_one(&mut *connection).await? {
        return Ok(Vec::new());
    }
    // Behind the first of its subject, an event has no time for its next attempt either.
    let parked = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE state = 'fatal') AS fatal,
                count(*) FILTER (WHERE state = 'waiting' AND error IS NOT NULL) AS missing,
                count(*) FILTER (WHERE state = 'failed' AND next_attempt IS NULL) AS given_up,
                count(*) FILTER (WHERE state = 'failed' AND next_attempt IS NOT NULL) AS retried,
                count(*) FILTER (WHERE state = 'waiting' AND error IS NULL) AS waiting
         FROM bus.parked",
    );
    Ok(findings(service, parked.fetch_one(connection).await?))
}

fn findings(service: &str, parked: Parked) -> Vec<Finding> {
    let Parked { fatal, missing, given_up, retried, waiting } = parked;
    let subject = format!("{service}'s parked events");
    let of = |number: i64, what: &str, fix: &str| {
        (number > 0).then(|| Finding::wrong(&subject, format!("{number} {what}"), fix))
    };
    let behind = format!("; {waiting} more wait for others");
    let wrong = [
        of(
            fatal,
            "crashed the process repeatedly, and are not tried again",
            "The log of the service has the crashes. Once the cause is fixed: `cartwheel parked retry`; or `discard`.",
        ),
        of(
            missing,
            "wait for an event that neither the queue nor the event log has, or that is parked itself, and so do all behind \
             them",
            "`cartwheel parked list --state waiting` says which numbers are missing. If they are in another queue or in a \
             publisher's outbox, they come; if they are lost, `cartwheel parked release` goes on without them.",
        ),
        of(given_up, "failed too often, and are not tried again", PARKED),
        of(retried, "failed, and are tried again after growing delays", PARKED),
    ];
    let wrong: Vec<Finding> = wrong.into_iter().flatten().collect();
    if wrong.is_empty() {
        let seen = if waiting > 0 { format!("none has failed{behind}") } else { "there are none".to_owned() };
        return vec![Finding::ok(subject, seen)];
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn wrong(parked: Parked) -> Vec<String> {
        let what = |finding: Finding| match finding.state {
            State::Wrong { what, .. } => Some(what),
            State::Ok(_) | State::NotChecked(_) => None,
        };
        findings("cart", parked).into_iter().filter_map(what).collect()
    }

    #[test]
    fn each_kind_has_its_own_finding() {
        assert_eq!(wrong(Parked { waiting: 3, ..Parked::default() }), [""; 0]);
        let all = wrong(Parked { fatal: 1, missing: 2, given_up: 3, retried: 4, waiting: 5 });
        assert_eq!(all.len(), 4);
        assert!(all[0].starts_with("1 crashed") && all[1].starts_with("2 wait for an event that neither"));
        assert!(all[2].starts_with("3 failed too often") && all[3].starts_with("4 failed, and are tried"));
    }
}
