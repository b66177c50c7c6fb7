//! Catching up from the event log: on the marker of a new queue, for holes that don't close by themselves, and to build
//! a projection anew. Everything goes through the same handler and inbox as what comes by the queue: positions skip
//! what was taken, and a hole shows.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::consumer::{BATCH, Consumer};
use crate::error::BusError;
use crate::event_log::{EventLog, Logged, Start};
use crate::inbox::{Key, Reach};
use crate::marker::{self, Marker};
use crate::message::Incoming;
use crate::parking::{self, Hole};
use crate::taking::Handler;

/// Reading begins this much earlier than the last event that was taken happened: the publishers' clocks and the
/// broker's differ, and instances take events side by side.
const MARGIN: TimeDelta = TimeDelta::minutes(5);
/// The broker says nothing when there is nothing to read.
const SILENCE: Duration = Duration::from_secs(10);

/// How events from the log are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// In batches.
    Usual,
    /// Somebody did not get through: each alone, and its tries are counted, as for suspects from the queue.
    EachAlone,
}

impl<H: Handler> Consumer<H> {
    /// Takes from the log what the queue never got, since it was deleted or not there yet. `reach` is how far the
    /// service had come before anybody could take anything from the new queue.
    pub(crate) async fn catch_up(
        &self,
        marker: &Marker,
        reach: Reach,
        care: Care,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        let since = match reach {
            // What decides begins here; it would decide on old events as if they were new.
            Reach::Nothing if !H::PROJECTS => return Ok(()),
            Reach::Nothing | Reach::Unknown => None,
            Reach::Until(time) => Some(time - MARGIN),
        };
        let since = begin(&self.taking.pool, marker.id, since).await?;
        self.health.down("catching up with the event log");
        info!(?since, "the queue is new: catching up with the event log");
        marker::until_bound(&self.broker, &self.service).await?;
        let log = EventLog::new(self.broker.clone());
        self.must_reach_back(&log, since).await?;
        let wanted = |logged: &Logged| marker.exchanges.contains(&logged.exchange);
        let events = self.read_log(&log, since, wanted, care, stop).await?;
        finish(&self.taking.pool, marker.id).await?;
        info!(events, "caught up");
        self.health.up();
        Ok(())
    }

    /// Looks in the log for what is missing while later events of its subject wait. What isn't there either waits for
    /// an operator.
    pub(crate) async fn close_holes(&self, stop: &CancellationToken) -> Result<(), BusError> {
        let holes = parking::holes(&self.taking.pool, self.patience.hole).await?;
        if holes.is_empty() {
            return Ok(());
        }
        info!(subjects = holes.len(), "events are missing: looking for them in the event log");
        let since = holes.iter().map(|hole| hole.since).min().flatten().map(|time| time - MARGIN);
        let missing: BTreeMap<&Key, &Hole> = holes.iter().map(|hole| (&hole.key, hole)).collect();
        let wanted = |logged: &Logged| {
            logged.incoming.as_ref().is_some_and(|event| {
                let hole = missing.get(&Key::from(&event.place));
                hole.is_some_and(|hole| (hole.first..=hole.last).contains(&event.place.sequence))
            })
        };
        self.read_log(&EventLog::new(self.broker.clone()), since, wanted, Care::Usual, stop).await?;
        for hole in &holes {
            if parking::note_missing(&self.taking.pool, hole).await? {
                let Hole { key: Key { source, subject }, first, last, .. } = hole;
                warn!(%source, %subject, first, last, "events are nowhere to be found: an operator must decide");
            }
        }
        Ok(())
    }

    /// Reads the log up to its end as it is now, and takes what is wanted of it. Returns how many events that were.
    pub(crate) async fn read_log(
        &self,
        log: &EventLog,
        since: Option<DateTime<Utc>>,
        wanted: impl Fn(&Logged) -> bool,
        care: Care,
        stop: &CancellationToken,
    ) -> Result<usize, BusError> {
        let Some(end) = log.end().await? else { return Ok(0) };
        let mut start = since.map_or(Start::First, Start::Time);
        let mut reading = log.read(start).await?;
        let (mut events, mut batch) = (0, Vec::new());
        loop {
            let next = tokio::time::timeout(SILENCE, reading.next_message());
            let next = stop.run_until_cancelled(next).await.ok_or(BusError::Disconnected)?;
            let Ok(next) = next else {
                if start == Start::First {
                    return Err(BusError::Disconnected);
                }
                // The broker has nothing that late, so its clock is not ours.
                start = Start::First;
                reading = log.read(start).await?;
                continue;
            };
            let logged = next?.ok_or(BusError::Unsubscribed)?;
            let is_last = logged.offset >= end;
            if wanted(&logged) {
                batch.extend(logged.incoming);
            }
            if batch.len() >= BATCH || is_last {
                events += batch.len();
                self.take_logged(std::mem::take(&mut batch), care, stop).await?;
            }
            if is_last {
                return Ok(events);
            }
        }
    }

    /// What is ahead of its position stays so: the log was read in its order.
    async fn take_logged(
        &self,
        batch: Vec<Incoming>,
        care: Care,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        if batch.is_empty() {
            return Ok(());
        }
        let events: Vec<&Incoming> = batch.iter().collect();
        if care == Care::EachAlone {
            self.insist(stop, || self.taking.set_aside(&events)).await?;
            return self.sweep(stop).await;
        }
        let taken = self.insist(stop, || self.taking.take(&events)).await?;
        self.fault.note(taken.tried, taken.failed);
        if self.fault.is_the_handlers() {
            return Err(BusError::HandlerAtFault);
        }
        let ahead: Vec<&Incoming> =
            events.into_iter().filter(|event| taken.waiting.contains(&event.place)).collect();
        if !ahead.is_empty() {
            self.insist(stop, || self.taking.park_waiting(&ahead)).await?;
        }
        Ok(())
    }

    /// Fails when retention has dropped what is to be read, unless the service was told to begin where the log does.
    pub(crate) async fn must_reach_back(
        &self,
        log: &EventLog,
        since: Option<DateTime<Utc>>,
    ) -> Result<(), BusError> {
        let Some(first) = log.first().await? else { return Ok(()) };
        let begins = first.time();
        let reaches_back = match since {
            // Whatever is missing from a log that was made anew shows as holes.
            None => first.offset == 0,
            // The margin is for what the clocks differ, not for the log.
            Some(since) => begins.is_some_and(|begins| begins <= since + MARGIN),
        };
        if reaches_back {
            return Ok(());
        }
        let begins = begins.map_or_else(|| "later".to_owned(), |time| format!("at {time}"));
        if self.accepts_short_log {
            warn!(
                begins,
                "the event log does not reach back far enough; beginning where it does, as was asked for"
            );
            return Ok(());
        }
        let since = since.map_or_else(|| "the beginning".to_owned(), |time| time.to_string());
        Err(BusError::LogTooShort { since, begins })
    }
}

/// Where reading begins for this marker: as whoever met it first has said.
async fn begin(
    pool: &PgPool,
    marker: Uuid,
    since: Option<DateTime<Utc>>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let query = "INSERT INTO bus.catching_up (marker, since) VALUES ($1, $2)
                 ON CONFLICT (marker) DO UPDATE SET marker = EXCLUDED.marker RETURNING since";
    sqlx::query_scalar(query).bind(marker).bind(since).fetch_one(pool).await
}

/// The log was read for this marker.
pub(crate) async fn finish(pool: &PgPool, marker: Uuid) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bus.catching_up WHERE marker = $1").bind(marker).execute(pool).await?;
    Ok(())
}
