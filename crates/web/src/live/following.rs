//! Feeds the streams from the event log, on a connection of its own; no service's queue is touched.

use bus::{EventLog, Failure, Follower, LogBatch, LogHandler, Start};
use chrono::TimeDelta;
use envelope::Clock;
use service::former_sources;

use super::Live;
use super::message::moment;
use super::place::Place;

/// How much of the past is read at start: who was connected to another instance goes on here.
const BEFORE_START: TimeDelta = TimeDelta::minutes(2);

/// Follows the log from a moment ago.
pub fn follower(log: EventLog, live: Live, clock: Clock) -> Follower<Feed> {
    let start = Start::Time(clock.now() - BEFORE_START);
    Follower::new(log, Feed(live)).starting_at(start).former_sources(former_sources())
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
            let place = Place { offset: logged.offset, index: logged.index };
            moment(place, logged.event().ok()?)
        });
        live.publish(moments.collect());
        live.reach(Place { offset: batch.reached.offset, index: batch.reached.index });
        Ok(())
    }
}
