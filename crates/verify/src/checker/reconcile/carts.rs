//! The carts' events and lines.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::AllTold;
use crate::checker::findings::{Breach, Findings};
use crate::checker::{CartEvent, StoredLine};
use crate::history::Line;
use crate::workload::storefront::Change;

/// The cart has one event for each change that was acknowledged, at the version that the client was told, and no
/// other.
pub fn compare_events(told: &AllTold, events: &[CartEvent], findings: &mut Findings) {
    let mut stored: BTreeMap<(Uuid, i64), &CartEvent> = BTreeMap::new();
    for event in events {
        stored.insert((event.cart_id, event.version), event);
    }
    for (cart, told) in told {
        if told.addressed && stored.remove(&(*cart, 1)).is_none_or(|event| event.sku.is_some()) {
            findings.add(Breach::Lost, format!("cart {cart} has no shopper at its first version"));
        }
        for (version, change) in &told.changes {
            match stored.remove(&(*cart, *version)) {
                None => findings.add(Breach::Lost, format!("version {version} of cart {cart}: {change:?}")),
                Some(event) if !is(event, change) => findings.add(
                    Breach::OutOfOrder,
                    format!("version {version} of cart {cart} is {event:?}; the client was told {change:?}"),
                ),
                Some(_) => {}
            }
        }
    }
    for event in stored.into_values() {
        findings.add(Breach::Doubled, format!("an event that no client was told of: {event:?}"));
    }
}

fn is(event: &CartEvent, change: &Change) -> bool {
    let (kind, sku, quantity) = match change {
        Change::Add { sku, quantity } => ("cart.item-added.v1", sku, Some(*quantity)),
        Change::SetQuantity { sku, quantity } => ("cart.item-quantity-changed.v1", sku, Some(*quantity)),
        // The event tells how many there were.
        Change::Remove { sku } => ("cart.item-removed.v1", sku, event.quantity),
    };
    (event.kind.as_str(), event.sku.as_ref(), event.quantity) == (kind, Some(sku), quantity)
}

/// A service has the lines that follow from what was acknowledged, in its order.
pub fn compare_lines(told: &AllTold, service: &str, lines: &[StoredLine], findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for line in lines {
        let StoredLine { cart_id: cart, sku, quantity, place } = line;
        seen.insert((*cart, sku.as_str()));
        let Some(expected) = told.get(cart).and_then(|told| told.lines.get(sku)) else {
            findings.add(Breach::Doubled, format!("{service} has {quantity} of {sku} too many, cart {cart}"));
            continue;
        };
        let found = Line { quantity: *quantity, place: if *place == 0 { expected.place } else { *place } };
        if found != *expected {
            // Each event states the line's whole quantity. So a wrong one is that of another event than the last.
            let found = format!("{service}, {sku} in cart {cart}: {found:?}, should be {expected:?}");
            findings.add(Breach::OutOfOrder, found);
        }
    }
    for (cart, told) in told {
        for sku in told.lines.keys().filter(|sku| !seen.contains(&(*cart, sku.as_str()))) {
            findings.add(Breach::Lost, format!("{service} has no line of {sku}, cart {cart}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Told;

    const CART: Uuid = Uuid::from_u128(1);

    fn told() -> AllTold {
        let add = |quantity| Change::Add { sku: "A".into(), quantity };
        let changes = BTreeMap::from([(1, add(2)), (2, add(3))]);
        let lines = BTreeMap::from([("A".to_owned(), Line { quantity: 5, place: 1 })]);
        AllTold::from([(CART, Told { changes, lines, ..Told::default() })])
    }

    fn event(version: i64, quantity: i64) -> CartEvent {
        let (kind, sku, event_id) = ("cart.item-added.v1".to_owned(), Some("A".to_owned()), Uuid::nil());
        CartEvent { cart_id: CART, version, event_id, kind, sku, quantity: Some(quantity) }
    }

    fn events(events: &[CartEvent]) -> [usize; 3] {
        let mut findings = Findings::default();
        compare_events(&told(), events, &mut findings);
        [Breach::Lost, Breach::Doubled, Breach::OutOfOrder].map(|breach| findings.of(breach).len())
    }

    fn lines(lines: &[(&str, i64, i64)]) -> [usize; 3] {
        let line = |(sku, quantity, place): &(&str, i64, i64)| StoredLine {
            cart_id: CART,
            sku: (*sku).to_owned(),
            quantity: *quantity,
            place: *place,
        };
        let mut findings = Findings::default();
        compare_lines(&told(), "recommend", &lines.iter().map(line).collect::<Vec<_>>(), &mut findings);
        [Breach::Lost, Breach::Doubled, Breach::OutOfOrder].map(|breach| findings.of(breach).len())
    }

    #[test]
    fn events_that_are_lost_doubled_or_in_another_order_are_found() {
        assert_eq!(events(&[event(1, 2), event(2, 3)]), [0, 0, 0]);
        assert_eq!(events(&[event(1, 2)]), [1, 0, 0]);
        assert_eq!(events(&[event(1, 2), event(2, 3), event(3, 3)]), [0, 1, 0]);
        assert_eq!(events(&[event(1, 3), event(2, 2)]), [0, 0, 2]);
    }

    #[test]
    fn lines_that_are_missing_beyond_what_was_told_or_stale_are_found() {
        assert_eq!(lines(&[("A", 5, 1)]), [0, 0, 0]);
        assert_eq!(lines(&[]), [1, 0, 0]);
        assert_eq!(lines(&[("A", 5, 1), ("B", 1, 2)]), [0, 1, 0]);
        assert_eq!(lines(&[("A", 2, 1)]), [0, 0, 1]);
    }
}
