//! Takes events from the log through the same handler and inbox as those that come by the queue.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::connection::Broker;
use crate::consumer::intake::{BATCH, Intake};
use crate::error::BusError;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};
use crate::inbox::handler::Handler;
use crate::incoming::Incoming;

/// The broker says nothing when there is nothing to read.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// How events from the log are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplayMode {
    /// In batches.
    Batches,
    /// An earlier replay did not get through: each alone, and its attempts are counted, as for crash suspects from the
    /// queue.
    EachAlone,
}

/// What a replay needs of a consumer.
pub(crate) struct Replay<'a, H> {
    pub service: &'a str,
    pub broker: &'a Broker,
    pub intake: &'a Intake<H>,
    /// Whether it may start where the event log does.
    pub accepts_short_log: bool,
    pub stop: &'a CancellationToken,
}

impl<H: Handler> Replay<'_, H> {
    /// Reads the log up to its end as it is now, and takes what is wanted of it. Returns how many events that were.
    pub async fn run(
        &self,
        log: &EventLog,
        since: Option<DateTime<Utc>>,
        wanted: impl Fn(&Logged) -> bool,
        mode: ReplayMode,
    ) -> Result<usize, BusError> {
        let Some(end) = log.end().await? else { return Ok(0) };
        let mut start = since.map_or(Start::First, Start::Time);
        let mut reading = log.read(start).await?;
        let (mut events, mut batch) = (0, Vec::new());
        loop {
            let next = tokio::time::timeout(READ_TIMEOUT, reading.next_message());
            let next = self.stop.run_until_cancelled(next).await.ok_or(BusError::Disconnected)?;
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
                self.take(std::mem::take(&mut batch), mode).await?;
            }
            if is_last {
                return Ok(events);
            }
        }
    }

    /// What is ahead of its position stays so: the log was read in its order.
    pub(super) async fn take(&self, batch: Vec<Incoming>, mode: ReplayMode) -> Result<(), BusError> {
        if batch.is_empty() {
            return Ok(());
        }
        let events: Vec<&Incoming> = batch.iter().collect();
        if mode == ReplayMode::EachAlone {
            let subjects = self.intake.park_suspects(&events, self.stop).await?;
            return self.intake.try_alone(&subjects, self.stop).await;
        }
        let taken = self.intake.take(&events, self.stop).await?;
        self.intake.handler_must_work()?;
        let ahead: Vec<&Incoming> =
            events.into_iter().filter(|event| taken.waiting.contains(&event.place)).collect();
        if !ahead.is_empty() {
            self.intake.park_waiting(&ahead, self.stop).await?;
        }
        Ok(())
    }
}
