//! Watches the consumers: what they processed, and when.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bus::Observer;
use envelope::Envelope;
use events::cart::ItemAdded;
use events::inventory::{StockHeld, StockShort};
use events::{PARTICIPANTS, Participant};
use serde::Deserialize;
use uuid::Uuid;

use crate::latency::Latencies;
use crate::workload::replay::Acknowledged;

/// An observer for each service.
pub struct Watch(BTreeMap<&'static str, Arc<Seen>>);

/// What one consumer did since the start.
pub struct Consumer {
    pub service: &'static str,
    /// Events that it processed.
    pub handled: u64,
    /// Events that came again and changed nothing.
    pub duplicates: u64,
    /// Events that were parked.
    pub parked: u64,
    /// From a client's acknowledgement to the consumer's commit. For the cart, which does not listen to itself: to the
    /// commit of what inventory answered to the addition.
    pub after: Latencies,
}

/// What one consumer reported.
#[derive(Default)]
struct Seen {
    handled: AtomicU64,
    duplicates: AtomicU64,
    parked: AtomicU64,
    filled: AtomicU64,
    commits: Mutex<Vec<Commit>>,
}

/// A commit of an addition's effect.
struct Commit {
    /// The addition's event.
    addition: Uuid,
    /// Its cart and the cart's version, where the event was the addition itself.
    place: Option<(Uuid, i64)>,
    at: Instant,
}

impl Default for Watch {
    fn default() -> Self {
        Self(PARTICIPANTS.iter().map(|Participant { service, .. }| (*service, Arc::default())).collect())
    }
}

impl Watch {
    /// A service's observer.
    pub fn of(&self, service: &str) -> Arc<dyn Observer> {
        match self.0.get(service) {
            Some(seen) => seen.clone(),
            None => Arc::new(()),
        }
    }

    /// How often a line got something that it had waited for, by what the cart was told.
    pub fn filled(&self) -> u64 {
        self.0.get("cart").map_or(0, |seen| seen.filled.load(Ordering::Relaxed))
    }

    /// What each consumer did, and how long after these acknowledgements.
    pub fn consumers(&self, acknowledged: &[Acknowledged]) -> Vec<Consumer> {
        let answers: HashMap<(Uuid, i64), Instant> =
            acknowledged.iter().map(|answer| ((answer.cart, answer.version), answer.at)).collect();
        let answered = self.answered(&answers);
        let listeners = PARTICIPANTS.iter().filter(|participant| !participant.listens_to.is_empty());
        let seen = listeners.filter_map(|Participant { service, .. }| Some((*service, self.0.get(service)?)));
        seen.map(|(service, seen)| seen.consumer(service, &answered)).collect()
    }

    /// When the clients had their answers, by the additions' events.
    fn answered(&self, answers: &HashMap<(Uuid, i64), Instant>) -> HashMap<Uuid, Instant> {
        let mut answered = HashMap::with_capacity(answers.len());
        for seen in self.0.values() {
            for commit in seen.commits().iter() {
                let answer = commit.place.and_then(|place| answers.get(&place));
                answered.extend(answer.map(|at| (commit.addition, *at)));
            }
        }
        answered
    }
}

impl Seen {
    fn commits(&self) -> std::sync::MutexGuard<'_, Vec<Commit>> {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn consumer(&self, service: &'static str, answered: &HashMap<Uuid, Instant>) -> Consumer {
        let commits = self.commits();
        let after = commits.iter().filter_map(|Commit { addition, at, .. }| {
            // Committed before the client had its answer: zero.
            Some(at.saturating_duration_since(*answered.get(addition)?))
        });
        Consumer {
            service,
            handled: self.handled.load(Ordering::Relaxed),
            duplicates: self.duplicates.load(Ordering::Relaxed),
            parked: self.parked.load(Ordering::Relaxed),
            after: after.collect(),
        }
    }
}

impl Observer for Seen {
    fn taken(&self, events: &[&Envelope]) {
        let at = Instant::now();
        self.handled.fetch_add(events.len() as u64, Ordering::Relaxed);
        let filled = events.iter().filter(|event| is_filled(event)).count();
        self.filled.fetch_add(filled as u64, Ordering::Relaxed);
        self.commits().extend(events.iter().filter_map(|event| commit(event, at)));
    }

    fn duplicates(&self, number: usize) {
        self.duplicates.fetch_add(number as u64, Ordering::Relaxed);
    }

    fn parked(&self, number: usize) {
        self.parked.fetch_add(number as u64, Ordering::Relaxed);
    }
}

/// Whether it says that a line got what it had waited for.
fn is_filled(event: &Envelope) -> bool {
    #[derive(Deserialize)]
    struct Filled {
        filled: Option<i64>,
    }
    let is_outcome = event.is::<StockHeld>() || event.is::<StockShort>();
    is_outcome && serde_json::from_str::<Filled>(event.data.get()).is_ok_and(|said| said.filled.is_some())
}

/// Which addition the event is or follows from, if any.
fn commit(event: &Envelope, at: Instant) -> Option<Commit> {
    if event.is::<ItemAdded>() {
        let place = event.subject.parse().ok().map(|cart| (cart, event.sequence));
        return Some(Commit { addition: event.id, place, at });
    }
    // What came free for another line was caused by some other cart.
    let outcome = (event.is::<StockHeld>() || event.is::<StockShort>()) && !is_filled(event);
    let addition = event.cause.causation_id.filter(|_| outcome)?;
    Some(Commit { addition, place: None, at })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use envelope::Cause;
    use events::Money;

    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn added(version: i64) -> Envelope {
        let unit_price: Money = serde_json::from_str(r#"{"amount":1,"currency":"GBP"}"#).unwrap();
        let (sku, name) = ("A".to_owned(), "lamp".to_owned());
        let event = ItemAdded { cart_id: CART, sku, name, unit_price, quantity: 1, line_quantity: 1 };
        Envelope::new(&event, &Cause::default(), envelope::Clock::system().now()).unwrap().numbered(version)
    }

    fn of<'a>(consumers: &'a [Consumer], service: &str) -> &'a Consumer {
        consumers.iter().find(|consumer| consumer.service == service).unwrap()
    }

    #[test]
    fn an_addition_is_followed_by_cart_and_version_and_its_outcome_by_its_cause() {
        let watch = Watch::default();
        let answer = |version, at| Acknowledged { cart: CART, version, at };
        let now = Instant::now();
        let long_ago = now.checked_sub(Duration::from_secs(2)).unwrap();
        let event = added(3);
        watch.of("inventory").taken(&[&event, &added(9)]);
        let held = StockHeld { cart_id: CART, sku: "A".into(), held: 1, filled: None };
        let held = Envelope::new(&held, &event.as_cause(), event.time).unwrap().numbered(1);
        watch.of("cart").taken(&[&held]);
        let filled = StockHeld { cart_id: CART, sku: "A".into(), held: 2, filled: Some(1) };
        let filled = Envelope::new(&filled, &added(9).as_cause(), event.time).unwrap().numbered(2);
        watch.of("cart").taken(&[&filled]);
        assert_eq!(watch.filled(), 1);

        let consumers = watch.consumers(&[answer(3, long_ago)]);
        for service in ["inventory", "cart"] {
            let after = of(&consumers, service).after.percentile(50).unwrap();
            assert!(after >= Duration::from_secs(2), "{service}: {after:?}");
        }
        assert_eq!(of(&consumers, "inventory").handled, 2);
        assert_eq!(of(&consumers, "notify").after.percentile(50), None);
        assert!(consumers.iter().all(|consumer| consumer.service != "catalog"));
    }

    #[test]
    fn a_commit_before_the_acknowledgement_counts_as_none() {
        let watch = Watch::default();
        watch.of("notify").taken(&[&added(1)]);
        let at = Instant::now() + Duration::from_secs(1);
        let consumers = watch.consumers(&[Acknowledged { cart: CART, version: 1, at }]);
        assert_eq!(of(&consumers, "notify").after.percentile(99), Some(Duration::ZERO));
    }
}
