//! Searches the event log for events that are missing while later ones of their subject wait.
//!
//! One reading serves all gaps that are there when it begins, and one instance reads; how far it came is written down, so
//! whoever goes on after it doesn't begin again. It reads a slice at a time, with pauses: the log is long, and what comes
//! by the queue must not wait for it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use tracing::{info, warn};
use uuid::Uuid;

use crate::consumer::intake::BATCH;
use crate::error::BusError;
use crate::event_key::SubjectKey;
use crate::event_log::cursor::LogCursor;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};
use crate::event_log::replay::{Replay, ReplayMode};
use crate::event_log::retention_check::MARGIN;
use crate::inbox::handler::Handler;
use crate::incoming::Incoming;
use crate::parking::gap_searches::{self, Search, UnderWay};
use crate::parking::gaps::{self, Gap};

/// How many events are read at a stretch.
const SLICE: usize = 1000;
const PAUSE: Duration = Duration::from_millis(20);
/// The broker says nothing when there is nothing to read.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The log names no more gaps than this, one by one.
const NAMED: usize = 10;

/// Looks in the log for what is missing. What isn't there either waits for an operator.
pub(crate) async fn close_gaps<H: Handler>(replay: &Replay<'_, H>) -> Result<(), BusError> {
    let log = EventLog::new(replay.broker.clone());
    let pool = replay.intake.pool();
    let search = match gap_searches::take_over(pool).await? {
        UnderWay::Anothers => return Ok(()),
        UnderWay::Ours(search) => search,
        UnderWay::Nobodys => match begin(replay, &log).await? {
            Some(search) => search,
            None => return Ok(()),
        },
    };
    let id = search.id;
    let searched = go_on(replay, search, &log).await;
    if !matches!(searched, Ok(true)) {
        gap_searches::hand_over(pool, id).await?;
    }
    searched.map(|_| ())
}

/// Goes on with a search. False when it was stopped, or another instance has finished it.
async fn go_on<H: Handler>(replay: &Replay<'_, H>, search: Search, log: &EventLog) -> Result<bool, BusError> {
    let mut reader = GapReader::new(replay, search).await?;
    Ok(reader.read(log).await? && reader.end().await?)
}

/// Begins a search, if there are gaps and nobody else has begun.
async fn begin<H: Handler>(replay: &Replay<'_, H>, log: &EventLog) -> Result<Option<Search>, BusError> {
    let pool = replay.intake.pool();
    let old_enough = gaps::old_enough(pool, replay.intake.timeouts.gap).await?;
    let (gaps, gaps_until) = gaps::find(pool, old_enough).await?;
    if gaps.is_empty() {
        return Ok(None);
    }
    let since = gaps.iter().map(|gap| gap.since).min().flatten().map(|time| time - MARGIN);
    let last_offset = Some(log.end().await?);
    let search = Search { id: Uuid::now_v7(), gaps_until, next_offset: None, since, last_offset };
    if !gap_searches::begin(pool, &search).await? {
        return Ok(None);
    }
    info!(subjects = gaps.len(), "events are missing: looking for them in the event log");
    Ok(Some(search))
}

/// A search under way.
struct GapReader<'a, H> {
    replay: &'a Replay<'a, H>,
    search: Search,
    /// The numbers that are missing of each subject.
    missing: BTreeMap<SubjectKey, RangeInclusive<i64>>,
    found: Vec<Incoming>,
}

impl<'a, H: Handler> GapReader<'a, H> {
    async fn new(replay: &'a Replay<'a, H>, search: Search) -> Result<Self, BusError> {
        let (gaps, _) = gaps::find(replay.intake.pool(), search.gaps_until).await?;
        let mut missing: BTreeMap<SubjectKey, RangeInclusive<i64>> = BTreeMap::new();
        for Gap { key, first, last, .. } in gaps {
            // Several may wait for the same.
            let range = missing.entry(key).or_insert(first..=last);
            *range = *range.start()..=last.max(*range.end());
        }
        Ok(Self { replay, search, missing, found: Vec::new() })
    }

    /// Reads up to where the log ended when the search began. False when that was not reached.
    async fn read(&mut self, log: &EventLog) -> Result<bool, BusError> {
        let Some(last) = self.search.last_offset else { return Ok(true) };
        if self.missing.is_empty() || self.search.next_offset.is_some_and(|next| next > last) {
            return Ok(true);
        }
        let mut reading = log.read(self.start()).await?;
        let is_read = self.read_slices(&mut reading, last).await;
        reading.close().await;
        is_read
    }

    fn start(&self) -> Start {
        match (self.search.next_offset, self.search.since) {
            (Some(offset), _) => Start::Offset(offset),
            (None, Some(time)) => Start::Time(time),
            (None, None) => Start::First,
        }
    }

    async fn read_slices(&mut self, reading: &mut LogCursor, last: i64) -> Result<bool, BusError> {
        loop {
            for _ in 0..SLICE {
                let next = tokio::time::timeout(READ_TIMEOUT, reading.next_message());
                let Some(next) = self.replay.stop.run_until_cancelled(next).await else { return Ok(false) };
                let Ok(next) = next else { return self.begin_again().await };
                let logged = next?.ok_or(BusError::Unsubscribed)?;
                self.search.next_offset = Some(logged.next_offset());
                self.keep_if_missing(logged);
                if self.search.next_offset > Some(last) {
                    self.take_found().await?;
                    return Ok(true);
                }
            }
            self.take_found().await?;
            if !gap_searches::note_progress(self.replay.intake.pool(), &self.search).await? {
                return Ok(false);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The broker has nothing where reading began or continued: its clock differs from ours, or the log was recreated.
    async fn begin_again(&mut self) -> Result<bool, BusError> {
        let pool = self.replay.intake.pool();
        if self.search.next_offset.is_none() && self.search.since.is_some() {
            self.search.next_offset = Some(0);
            gap_searches::note_progress(pool, &self.search).await?;
        } else {
            gap_searches::end(pool, self.search.id).await?;
        }
        Ok(false)
    }

    fn keep_if_missing(&mut self, logged: Logged) {
        let Ok(event) = logged.checked(self.replay.sources).incoming else { return };
        let missing = self.missing.get(&SubjectKey::from(&event.key));
        if missing.is_some_and(|missing| missing.contains(&event.key.sequence)) {
            self.found.push(event);
        }
    }

    async fn take_found(&mut self) -> Result<(), BusError> {
        let mut found = std::mem::take(&mut self.found).into_iter();
        loop {
            let batch: Vec<Incoming> = found.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(());
            }
            self.replay.take(batch, ReplayMode::Batches).await?;
        }
    }

    /// What is missing after the search is nowhere: a snapshot makes up for it, or an operator must decide. False when it
    /// was stopped, or another instance has taken over: whoever goes on finds what is left.
    async fn end(&self) -> Result<bool, BusError> {
        let pool = self.replay.intake.pool();
        let (gaps, _) = gaps::find(pool, self.search.gaps_until).await?;
        let mut missing = 0;
        for some in gaps.chunks(BATCH) {
            // Also keeps the claim: there may be thousands.
            if self.replay.stop.is_cancelled() || !gap_searches::note_progress(pool, &self.search).await? {
                return Ok(false);
            }
            for gap in gaps::before_snapshots(pool, some).await? {
                if gaps::pass_over_before_snapshot(pool, gap).await? {
                    let Gap { key: SubjectKey { source, subject }, first, last, .. } = gap;
                    warn!(%source, %subject, first, last,
                          "events are nowhere to be found: going on with a snapshot of the subject's present state");
                }
            }
            for Gap { key: SubjectKey { source, subject }, first, last, .. } in
                gaps::note_missing(pool, some).await?
            {
                missing += 1;
                if missing <= NAMED {
                    warn!(%source, %subject, first, last, "events are nowhere to be found: an operator must decide");
                }
            }
        }
        if missing > NAMED {
            warn!(subjects = missing, "events of more subjects are nowhere to be found");
        }
        gap_searches::end(pool, self.search.id).await?;
        Ok(true)
    }
}
