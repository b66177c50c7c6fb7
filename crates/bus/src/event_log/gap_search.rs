//! Searches the event log for events that are missing while later ones of their subject wait.

use std::collections::BTreeMap;

use tracing::{info, warn};

use crate::error::BusError;
use crate::event_log::logged::Logged;
use crate::event_log::reach::MARGIN;
use crate::event_log::reader::{EventLog, Start};
use crate::event_log::replay::{Replay, ReplayMode};
use crate::inbox::handler::Handler;
use crate::parking::gaps::{self, Gap};
use crate::place::SubjectKey;

/// Looks in the log for what is missing. What isn't there either waits for an operator.
pub(crate) async fn close_gaps<H: Handler>(replay: &Replay<'_, H>) -> Result<(), BusError> {
    let pool = replay.intake.pool();
    let gaps = gaps::find(pool, replay.intake.timeouts.gap).await?;
    if gaps.is_empty() {
        return Ok(());
    }
    info!(subjects = gaps.len(), "events are missing: looking for them in the event log");
    let since = gaps.iter().map(|gap| gap.since).min().flatten().map(|time| time - MARGIN);
    let missing: BTreeMap<&SubjectKey, &Gap> = gaps.iter().map(|gap| (&gap.key, gap)).collect();
    let wanted = |logged: &Logged| {
        logged.incoming.as_ref().is_ok_and(|event| {
            let gap = missing.get(&SubjectKey::from(&event.place));
            gap.is_some_and(|gap| (gap.first..=gap.last).contains(&event.place.sequence))
        })
    };
    let start = since.map_or(Start::First, Start::Time);
    replay.run(&EventLog::new(replay.broker.clone()), start, wanted, ReplayMode::Batches).await?;
    for gap in &gaps {
        if gaps::note_missing(pool, gap).await? {
            let Gap { key: SubjectKey { source, subject }, first, last, .. } = gap;
            warn!(%source, %subject, first, last, "events are nowhere to be found: an operator must decide");
        }
    }
    Ok(())
}
