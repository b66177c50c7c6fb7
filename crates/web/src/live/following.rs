//! Feeds the streams from the event log, on a connection of its own; no service's queue is touched.

use bus::{EventLog, Failure, Follower, LogBatch, LogHandler, Start};
use chrono::TimeDelta;
use envelope::Clock;
use service::renamed_sources;

use super::Live;
use super::log_position::LogPosition;
use super::message::moment;

/// How much of the past is read at start: who was connected to another instance goes on here.
const BEFORE_START: TimeDelta = TimeDelta::minutes(2);

/// Follows the log from a moment ago.
pub fn follower(log: EventLog, live: Live, clock: Clock) -> Follower<Feed> {
    let start = Start::Time(clock.now() - BEFORE_START);
    Follower::new(log, Feed(live)).starting_at(start).renamed_sources(renamed_sources())
}

/// Passes on what comes.
pub struct Feed(Live);

impl LogHandler for Feed {
    async fn take(&self, batch: &LogBatch) -> Result<(), Failure> {
        let Self(live) = self;
        if batch.lost.is_some() {
            live.forget();
        }
        let moments = batch.events.iter().filter_map(|logged| {
            let position = LogPosition { offset: logged.offset, index: logged.index };
            moment(position, logged.event().ok()?)
        });
        live.publish(moments.collect());
        live.reach(LogPosition { offset: batch.reached.offset, index: batch.reached.index });
        Ok(())
    }
}
