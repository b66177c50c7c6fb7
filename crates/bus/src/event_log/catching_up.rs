//! Catching up from the event log on the marker of a new queue.

use tracing::info;

use crate::error::BusError;
use crate::event_log::logged::Logged;
use crate::event_log::reach::{MARGIN, must_reach_back};
use crate::event_log::reader::EventLog;
use crate::event_log::replay::{Replay, ReplayMode};
use crate::event_log::started;
use crate::inbox::handler::Handler;
use crate::inbox::progress::Progress;
use crate::topology::marker::{self, Marker};

/// Takes from the log what the queue never got, since it was deleted or not there yet. `progress` is how far the
/// service had come before anybody could take anything from the new queue.
pub(crate) async fn catch_up<H: Handler>(
    replay: &Replay<'_, H>,
    marker: &Marker,
    progress: Progress,
    mode: ReplayMode,
) -> Result<(), BusError> {
    let since = match progress {
        // What decides starts here; it would decide on old events as if they were new.
        Progress::Nothing if !H::PROJECTS => return Ok(()),
        Progress::Nothing | Progress::Unknown => None,
        Progress::Until(time) => Some(time - MARGIN),
    };
    let since = started::start(replay.intake.pool(), marker.id, since).await?;
    replay.intake.health.down("catching up with the event log");
    info!(?since, "the queue is new: catching up with the event log");
    marker::until_bound(replay.broker, replay.service).await?;
    let log = EventLog::new(replay.broker.clone());
    must_reach_back(&log, since, replay.accepts_short_log).await?;
    let wanted = |logged: &Logged| marker.exchanges.contains(&logged.exchange);
    let events = replay.run(&log, since, wanted, mode).await?;
    started::finish(replay.intake.pool(), marker.id).await?;
    info!(events, "caught up");
    replay.intake.health.up();
    Ok(())
}
