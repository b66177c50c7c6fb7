use std::collections::{BTreeMap, BTreeSet};

use super::cart_changes::{CartChange, CartChangeKind};
use crate::stock::{Allocation, CartLine};

/// The SKUs of which these changes may free stock that others wait for, and how many of the waiting lines may get some of it.
/// While any is available, nobody waits; so usually there is nothing to look up.
pub(super) fn released_stock<'a>(
    changes: &'a [CartChange<'_>],
    allocation: &'a Allocation,
) -> BTreeMap<&'a str, i64> {
    let mut skus: BTreeSet<&str> = BTreeSet::new();
    let mut wanted_before: BTreeMap<&CartLine, i64> = BTreeMap::new();
    for change in changes {
        if let CartChangeKind::Wants { line, wanted } = &change.kind {
            let known = allocation.holds().get(line).map_or(0, |hold| hold.wanted);
            if wanted_before.insert(line, *wanted).unwrap_or(known) > *wanted {
                skus.insert(&line.sku);
            }
        } else {
            skus.extend(allocation.holds().keys().map(|line| line.sku.as_str()));
        }
    }
    skus.retain(|sku| allocation.available(sku) <= 0);
    // Each gets at least one piece; and the lines already loaded may be among them.
    let mut most: BTreeMap<&str, i64> = BTreeMap::new();
    for (line, hold) in allocation.holds().iter().filter(|(line, _)| skus.contains(line.sku.as_str())) {
        *most.entry(&line.sku).or_default() += hold.held.total().saturating_add(1);
    }
    most.retain(|sku, _| allocation.stock.get(*sku).is_some_and(|stock| stock.held.total() > 0));
    most
}
