//! What a service does with its own dead letters, for which it only needs permission to read them.

use lapin::message::Delivery;
use lapin::options::BasicAckOptions;
use sqlx::PgPool;

use super::letter::{self, DeadLetter, OpenedDeadLetter};
use super::queue::DeadLetterQueue;
use crate::error::BusError;
use crate::known_sources::KnownSources;
use crate::message::accepting::accept;
use crate::parking::arrivals::park_new;

/// How many are looked at when one is searched for, or all are decided on.
const MOST: usize = 1000;

/// A service's own dead letters.
#[derive(Clone)]
pub struct OwnDeadLetters {
    pub(crate) queue: DeadLetterQueue,
    pub(crate) pool: PgPool,
    pub(crate) sources: KnownSources,
}

/// The outcome of a decision on dead letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SettledDeadLetters {
    /// How many are no longer dead letters.
    pub settled: usize,
    /// How many remain, since they are not events.
    pub left: usize,
}

/// What is done with dead letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    TakeBack,
    Discard,
}

impl OwnDeadLetters {
    /// The first of them, at most `most`. They stay where they are.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses, or has no such queue.
    pub async fn list(&self, most: usize) -> Result<Vec<DeadLetter>, BusError> {
        self.queue.look(most, |delivery| Some(DeadLetter::of(delivery))).await
    }

    /// The one with this id, if it is among the first 1,000.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses, or has no such queue.
    pub async fn open(&self, id: &str) -> Result<Option<OpenedDeadLetter>, BusError> {
        let open = |delivery: &Delivery| (letter::id(delivery) == id).then(|| OpenedDeadLetter::of(delivery));
        Ok(self.queue.look(MOST, open).await?.pop())
    }

    /// Takes back the one with this id, or the first 1,000: their events are parked, and each is tried alone within moments.
    /// An event that was taken before is skipped; what is not an event stays a dead letter.
    ///
    /// # Errors
    /// When the broker or the database can't be reached or refuses. What was taken back before that stays taken back.
    pub async fn take_back(&self, id: Option<&str>) -> Result<SettledDeadLetters, BusError> {
        self.settle(id, Decision::TakeBack).await
    }

    /// Removes the one with this id, or the first 1,000.
    ///
    /// # Errors
    /// When the broker can't be reached or refuses. What was removed before that stays removed.
    pub async fn discard(&self, id: Option<&str>) -> Result<SettledDeadLetters, BusError> {
        self.settle(id, Decision::Discard).await
    }

    async fn settle(&self, id: Option<&str>, decision: Decision) -> Result<SettledDeadLetters, BusError> {
        let mut settled = SettledDeadLetters::default();
        let mut opened = self.queue.open(MOST).await?;
        while let Some(message) = opened.next().await? {
            if id.is_some_and(|id| letter::id(&message.delivery) != id) {
                continue;
            }
            if decision == Decision::Discard || self.park(&message.delivery).await? {
                message.delivery.acker.ack(BasicAckOptions::default()).await?;
                settled.settled += 1;
            } else {
                settled.left += 1;
            }
        }
        opened.close().await;
        Ok(settled)
    }

    /// Parks its events; false if it has none.
    async fn park(&self, delivery: &Delivery) -> Result<bool, BusError> {
        let Ok(events) = accept(delivery, &letter::exchange(delivery), &self.sources) else {
            return Ok(false);
        };
        park_new(&self.pool, &events.iter().collect::<Vec<_>>()).await?;
        Ok(true)
    }
}
