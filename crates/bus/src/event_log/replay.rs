//! Takes events from the log through the same handler and inbox as those that come by the queue.

use tokio_util::sync::CancellationToken;

use crate::connection::Broker;
use crate::consumer::intake::Intake;
use crate::error::BusError;
use crate::event_log::batches::Batches;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};
use crate::inbox::handler::Handler;
use crate::incoming::Incoming;
use crate::known_sources::KnownSources;

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
    pub sources: &'a KnownSources,
    pub stop: &'a CancellationToken,
}

impl<H: Handler> Replay<'_, H> {
    /// Reads the log up to its end as it is now, and takes what is wanted of it. Returns how many events that were.
    pub async fn run(
        &self,
        log: &EventLog,
        start: Start,
        wanted: impl Fn(&Logged) -> bool,
        mode: ReplayMode,
    ) -> Result<usize, BusError> {
        let end = log.end().await?;
        let mut batches = self.batches(log, start, end, wanted);
        let (mut progress, mut events) = (batches.begin(), 0);
        loop {
            let batch = batches.next(&mut progress).await?;
            if batch.is_empty() {
                return Ok(events);
            }
            events += batch.len();
            self.take(batch, mode).await?;
        }
    }

    /// Reads the log up to the message with this offset, and moves the positions of what is wanted past it, without any
    /// effect.
    pub async fn pass_over(
        &self,
        log: &EventLog,
        until: i64,
        wanted: impl Fn(&Logged) -> bool,
    ) -> Result<(), BusError> {
        let end = log.end().await?;
        let mut batches = self.batches(log, Start::First, end.min(until), wanted);
        let mut progress = batches.begin();
        loop {
            let batch = batches.next(&mut progress).await?;
            if batch.is_empty() {
                return Ok(());
            }
            self.intake.pass_over(&batch, self.stop).await?;
        }
    }

    /// What is wanted of a part of the log.
    pub(crate) fn batches<'b, W>(
        &'b self,
        log: &'b EventLog,
        start: Start,
        end: i64,
        wanted: W,
    ) -> Batches<'b, W> {
        Batches { log, start, end, wanted, sources: self.sources, stop: self.stop }
    }

    /// What is ahead of its position stays so: the log was read in its order. But what must not overtake another subject may
    /// have come together with what it waits for.
    pub(super) async fn take(&self, batch: Vec<Incoming>, mode: ReplayMode) -> Result<(), BusError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut events: Vec<&Incoming> = batch.iter().collect();
        if mode == ReplayMode::EachAlone {
            let subjects = self.intake.park_suspects(&events, self.stop).await?;
            return self.intake.try_alone(&subjects, self.stop).await;
        }
        loop {
            let taken = self.intake.take(&events, self.stop).await?;
            self.intake.handler_must_work()?;
            events.retain(|event| taken.waiting.contains(&event.key));
            if taken.tried == 0 || events.iter().all(|event| event.after.is_none()) {
                break;
            }
        }
        if !events.is_empty() {
            self.intake.park_waiting(&events, self.stop).await?;
        }
        Ok(())
    }
}
