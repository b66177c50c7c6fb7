//! Whether somebody counts what happens, and whether analytics has lost events.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::finding::Finding;

const SUBJECT: &str = "analytics's figures";
/// What was lost longer ago is known.
const RECENT_DAYS: i32 = 7;

pub async fn examine(connection: &mut PgConnection) -> sqlx::Result<Option<Finding>> {
    // The tables of a former release are reported as such.
    let is_there = sqlx::query_scalar("SELECT to_regclass('losses') IS NOT NULL");
    if !is_there.fetch_one(&mut *connection).await? {
        return Ok(None);
    }
    let counts = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
                            AND (classid::bigint << 32 | objid::bigint) = $1
                            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
    );
    let counts = counts.bind(analytics::COUNTING_LOCK).fetch_one(&mut *connection).await?;
    let lost = sqlx::query_scalar(
        "SELECT max(noticed_at) FROM losses WHERE noticed_at > bus.now() - make_interval(days => $1)",
    );
    let lost = lost.bind(RECENT_DAYS).fetch_one(&mut *connection).await?;
    let newest = sqlx::query_scalar("SELECT max(newest) FROM progress").fetch_one(connection).await?;
    Ok(Some(check(counts, lost, newest)))
}

fn check(counts: bool, lost: Option<DateTime<Utc>>, newest: Option<DateTime<Utc>>) -> Finding {
    if !counts {
        let fix = "Is analytics running? Its /health/ready and its log say what it waits for.";
        return Finding::wrong(SUBJECT, "no instance counts what happens", fix);
    }
    if let Some(lost) = lost {
        let what = format!("the event log lost events before they were counted, noticed on {lost:.0}");
        let fix = "Figures are too low before that. Let the log keep more (`cartwheel topology --event-log-max-gib`), and never delete it.";
        return Finding::wrong(SUBJECT, what, fix);
    }
    let found = newest.map_or_else(
        || "nothing has happened yet".to_owned(),
        |newest| format!("what happened until {newest:.0} is counted"),
    );
    Finding::ok(SUBJECT, found)
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_loss_and_nobody_who_counts_are_named() {
        let now = Some(DateTime::UNIX_EPOCH);
        let wrong = |counts, lost| match check(counts, lost, now).state {
            State::Wrong { what, .. } => what,
            State::Ok(_) | State::NotChecked(_) => String::new(),
        };
        assert_eq!(wrong(true, None), "");
        assert!(wrong(true, now).contains("lost events"));
        assert!(wrong(false, None).contains("no instance"));
    }
}
