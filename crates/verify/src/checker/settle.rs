//! Waits until every consumer has settled.

use std::time::{Duration, Instant};

use super::{Backlog, Books};
use crate::progress::Progress;

/// After so long without progress it says what it waits for.
const SAY: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Waits until nothing is on its way. Returns what hangs where if for `patience` it does not get less; nothing when
/// everything has settled.
pub async fn settle(books: &Books, patience: Duration) -> sqlx::Result<Vec<String>> {
    let mut backlog = books.backlog().await?;
    let mut least = total(&backlog);
    let all = least;
    let progress = Progress::new("waiting for the consumers", all);
    let mut since = Instant::now();
    let mut said = false;
    while !backlog.is_empty() {
        if since.elapsed() > patience {
            return what_hangs(books, &backlog).await;
        }
        if since.elapsed() > SAY && !std::mem::replace(&mut said, true) {
            let hangs: Vec<String> = backlog.iter().map(Backlog::to_string).collect();
            progress.say(&format!("still waiting: {}", hangs.join(", ")));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
        backlog = books.backlog().await?;
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

async fn what_hangs(books: &Books, backlog: &[Backlog]) -> sqlx::Result<Vec<String>> {
    let mut hangs: Vec<String> = backlog.iter().map(Backlog::to_string).collect();
    for (service, event) in books.parked().await? {
        let why = event.error.as_deref().unwrap_or("it waits for an earlier event");
        let (kind, subject, sequence) = (&event.kind, &event.subject, event.sequence);
        hangs.push(format!("{service} parked {kind} {sequence} of {subject}: {why}"));
    }
    Ok(hangs)
}
