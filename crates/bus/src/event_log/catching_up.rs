//! Catching up from the event log on the marker of a new queue.

use tracing::info;

use crate::error::BusError;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};
use crate::event_log::replay::{Replay, ReplayMode};
use crate::event_log::retention_check::start_after;
use crate::event_log::{sessions, unfinished_catch_ups};
use crate::inbox::handler::Handler;
use crate::inbox::progress::Progress;
use crate::topology::marker::{self, Marker};

/// Takes from the log what the queue never got, since it was deleted or not there yet.
pub(crate) async fn catch_up<H: Handler>(
    replay: &Replay<'_, H>,
    marker: &Marker,
    mode: ReplayMode,
) -> Result<(), BusError> {
    let pool = replay.intake.pool();
    let progress = replay.intake.within(sessions::smallest(pool, marker.time)).await?;
    let progress = replay.intake.within(unfinished_catch_ups::start(pool, marker.id, progress)).await?;
    replay.intake.health.catching_up();
    info!(?progress, "the queue is new: catching up with the event log");
    marker::until_bound(replay.broker, replay.service).await?;
    let log = EventLog::new(replay.broker.clone());
    let wanted = |logged: &Logged| logged.is_of(&marker.exchanges);
    let start = match progress {
        // What decides would decide on old events as if they were new: it starts where its first queue does. What was before
        // that has positions, since it was passed over.
        Progress::Nothing if !H::PROJECTS => match marker.log_end {
            Some(log_end) => {
                replay.pass_over(&log, log_end, wanted).await?;
                Start::Offset(log_end + 1)
            }
            // There was nothing before the queue.
            None => Start::Next,
        },
        Progress::Nothing | Progress::Unknown => start_after(&log, None, replay.accepts_short_log).await?,
        Progress::Until(time) => start_after(&log, Some(time), replay.accepts_short_log).await?,
    };
    let events = if start == Start::Next { 0 } else { replay.run(&log, start, wanted, mode).await? };
    replay.intake.within(unfinished_catch_ups::finish(pool, marker.id)).await?;
    replay.intake.health.up();
    info!(events, "caught up");
    Ok(())
}
