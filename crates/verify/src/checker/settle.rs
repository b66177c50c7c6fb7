//! Waits until every consumer has settled.

use std::time::{Duration, Instant};

use bus::parking::{self, Filter};

use super::backlog::Backlog;
use super::databases::Databases;
use crate::progress::Progress;

/// After this long without progress it says what it waits for.
const REPORT_AFTER: Duration = Duration::from_secs(5);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Parked events of a service that are listed.
const LISTED: i64 = 5;

/// Waits until nothing is on its way. Returns what hangs if it does not get less for the duration of `timeout`; nothing
/// when everything has settled.
///
/// # Errors
/// When a database can't be read.
pub async fn settle(databases: &Databases, timeout: Duration) -> anyhow::Result<Vec<String>> {
    let mut backlog = Backlog::of(databases).await?;
    let mut least = total(&backlog);
    let all = least;
    let progress = Progress::new("waiting for the consumers", all);
    let mut since = Instant::now();
    let mut said = false;
    while !backlog.is_empty() {
        if since.elapsed() > timeout {
            return unsettled_work(databases, &backlog).await;
        }
        if since.elapsed() > REPORT_AFTER && !std::mem::replace(&mut said, true) {
            let hangs: Vec<String> = backlog.iter().map(Backlog::to_string).collect();
            progress.say(&format!("still waiting: {}", hangs.join(", ")));
        }
        tokio::time::sleep(POLL_INTERVAL).await;
        backlog = Backlog::of(databases).await?;
        let now = total(&backlog);
        if now < least {
            (least, since, said) = (now, Instant::now(), false);
            progress.set(all.saturating_sub(now));
        }
    }
    progress.finish();
    Ok(vec![])
}

fn total(backlog: &[Backlog]) -> u64 {
    backlog.iter().map(|work| work.number().unsigned_abs()).sum()
}

async fn unsettled_work(databases: &Databases, backlog: &[Backlog]) -> anyhow::Result<Vec<String>> {
    let mut hangs: Vec<String> = backlog.iter().map(Backlog::to_string).collect();
    for (service, pool) in databases.all() {
        for event in parking::list(pool, &Filter::default(), LISTED).await? {
            let why = event.error.as_deref().unwrap_or("it waits for an earlier event");
            let (kind, subject, sequence) = (&event.kind, &event.subject, event.sequence);
            hangs.push(format!("{service} parked {kind} {sequence} of {subject}: {why}"));
        }
    }
    Ok(hangs)
}
