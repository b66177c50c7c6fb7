//! Outcomes that were published before the database was lost, and came back with the event log.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

type SkusByEvent = HashMap<Uuid, BTreeSet<String>>;

/// Of a cart's event that has an outcome for each of its lines, those that must not be published again. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct PublishedOutcomes(Arc<Mutex<SkusByEvent>>);

impl PublishedOutcomes {
    /// Those of an event on these products, which the database has as they were published.
    pub fn add(&self, event: Uuid, skus: &BTreeSet<String>) {
        self.locked().entry(event).or_default().extend(skus.iter().cloned());
    }

    /// Whether that of an event on a product is among them.
    pub fn has(&self, event: Uuid, sku: &str) -> bool {
        self.locked().get(&event).is_some_and(|skus| skus.contains(sku))
    }

    fn locked(&self) -> MutexGuard<'_, SkusByEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
