//! What the broker has got and does not confirm, because one of the queues behind the exchange is without its quorum.
//!
//! The broker confirms a message once every queue has it. The other queues and the event log have it all the same, so it
//! is not published again while the channel lives: the confirm comes once the queue has its quorum again, see ADR 28.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::error::BusError;
use crate::relay::confirms::{Answers, Confirms, Sent};
use crate::relay::publisher::Published;

/// Without a confirm for this long, it is asked whether the broker answers at all.
const PATIENCE: Duration = Duration::from_secs(5);
/// Queues confirm in order. What was passed over this long ago will never be confirmed.
const LOST: Duration = Duration::from_mins(1);

/// What is unconfirmed in a session.
pub(super) struct Unconfirmed {
    /// How much there may be.
    limit: usize,
    confirms: Confirms,
    /// How many events the broker has refused since it last confirmed one, and since when, by exchange.
    refused: BTreeMap<String, (usize, Instant)>,
    /// When the latest one was published that is confirmed, by exchange.
    latest: BTreeMap<String, Instant>,
    /// The sources of what the broker confirms at present.
    confirmed_sources: BTreeSet<String>,
}

impl Unconfirmed {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            confirms: Confirms::default(),
            refused: BTreeMap::new(),
            latest: BTreeMap::new(),
            confirmed_sources: BTreeSet::new(),
        }
    }

    /// How long to wait for confirms. Where they fail to come already, there is no use in waiting.
    pub fn backoff(&self) -> Duration {
        if self.is_empty() { PATIENCE } else { Duration::ZERO }
    }

    fn is_empty(&self) -> bool {
        self.confirms.len() == 0 && self.refused.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.confirms.len() >= self.limit
    }

    pub fn contains(&self, id: i64) -> bool {
        self.confirms.contains(id)
    }

    pub fn ids(&self) -> Vec<i64> {
        self.confirms.ids()
    }

    /// The answers that have come since.
    pub fn late_answers(&mut self) -> Result<Published, BusError> {
        let mut published = Published::default();
        self.confirms.collect_ready(&mut published.answers)?;
        let lost = |sent: &Sent| {
            let passed_over = self.latest.get(&sent.exchange).is_some_and(|latest| sent.at < *latest);
            passed_over && sent.at.elapsed() > LOST
        };
        if self.confirms.sent().next().is_some_and(lost) { Err(BusError::Unconfirmed) } else { Ok(published) }
    }

    /// Notes what became of a window. Returns the sources that the broker has begun to confirm.
    pub fn note(&mut self, answers: &Answers, unconfirmed: Confirms) -> Vec<String> {
        self.confirms.absorb(unconfirmed);
        let mut begun = Vec::new();
        for Sent { exchange, source, at, .. } in &answers.confirmed {
            self.refused.remove(exchange);
            match self.latest.get_mut(exchange) {
                Some(latest) => *latest = (*latest).max(*at),
                None => _ = self.latest.insert(exchange.clone(), *at),
            }
            if !self.confirmed_sources.contains(source) {
                self.confirmed_sources.insert(source.clone());
                begun.push(source.clone());
            }
        }
        for Sent { exchange, source, ids, .. } in &answers.refused {
            self.refused.entry(exchange.clone()).or_insert_with(|| (0, Instant::now())).0 += ids.len();
            self.confirmed_sources.remove(source);
        }
        begun
    }

    /// What there is to say about it.
    pub fn problem(&self) -> Option<BusError> {
        let sent = || self.confirms.sent();
        let exchanges: BTreeSet<&str> = sent()
            .map(|sent| sent.exchange.as_str())
            .chain(self.refused.keys().map(String::as_str))
            .collect();
        let refused = self.refused.values();
        let since = sent().map(|sent| sent.at).chain(refused.clone().map(|(_, since)| *since)).min()?;
        Some(BusError::WithoutQuorum {
            exchanges: exchanges.into_iter().collect::<Vec<_>>().join(", "),
            events: self.confirms.len() + refused.map(|(number, _)| number).sum::<usize>(),
            seconds: since.elapsed().as_secs(),
            stopped: if self.is_full() { ", and no more are published until one comes" } else { "" },
        })
    }
}
