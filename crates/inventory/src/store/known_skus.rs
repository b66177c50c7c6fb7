use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

/// SKUs that have a row in `stock`: rows are never deleted, so they needn't be created again and again.
#[derive(Debug, Default)]
pub(crate) struct KnownSkus(RwLock<HashSet<String>>);

impl KnownSkus {
    /// Those of these of which it is not known that they have a row.
    pub(super) fn others<'a>(&self, skus: &[&'a str]) -> Vec<&'a str> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        skus.iter().copied().filter(|sku| !known.contains(*sku)).collect()
    }

    /// These have rows that are committed.
    pub(super) fn add<'a>(&self, skus: impl Iterator<Item = &'a String>) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<String> = skus.filter(|sku| !known.contains(*sku)).cloned().collect();
        drop(known);
        if !new.is_empty() {
            self.0.write().unwrap_or_else(PoisonError::into_inner).extend(new);
        }
    }

    /// Nothing is known any more.
    pub(super) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
