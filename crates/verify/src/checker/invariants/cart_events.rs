use std::collections::BTreeMap;

use uuid::Uuid;

use crate::checker::cart_event::CartEvent;
use crate::checker::findings::{Findings, Violation};
use crate::history::{Change, ExpectedCarts};

/// The cart has one event for each change that was acknowledged, at the version that the client was answered, and no
/// other.
pub fn check(expected: &ExpectedCarts, events: &[CartEvent], findings: &mut Findings) {
    let mut stored: BTreeMap<(Uuid, i64), &CartEvent> = BTreeMap::new();
    for event in events {
        stored.insert((event.cart_id, event.version), event);
    }
    for (id, cart) in expected {
        if cart.addressed && stored.remove(&(*id, 1)).is_none_or(|event| event.sku.is_some()) {
            findings.add(Violation::Lost, format!("cart {id} has no shopper at its first version"));
        }
        for (version, change) in &cart.changes {
            match stored.remove(&(*id, *version)) {
                None => findings.add(Violation::Lost, format!("version {version} of cart {id}: {change:?}")),
                Some(event) if !is_of(event, change) => findings.add(
                    Violation::OutOfOrder,
                    format!(
                        "version {version} of cart {id} is {event:?}; the client was answered {change:?}"
                    ),
                ),
                Some(_) => {}
            }
        }
    }
    for event in stored.into_values() {
        findings.add(Violation::Doubled, format!("an event that no client asked for: {event:?}"));
    }
}

fn is_of(event: &CartEvent, change: &Change) -> bool {
    let (event_type, sku, quantity) = match change {
        Change::Add { sku, quantity } => ("cart.item-added.v1", sku, Some(*quantity)),
        Change::SetQuantity { sku, quantity } => ("cart.item-quantity-changed.v1", sku, Some(*quantity)),
        // The event says how many there were.
        Change::Remove { sku } => ("cart.item-removed.v1", sku, event.quantity),
    };
    (event.event_type.as_str(), event.sku.as_ref(), event.quantity) == (event_type, Some(sku), quantity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;

    const CART: Uuid = Uuid::from_u128(1);

    fn event(version: i64, quantity: i64) -> CartEvent {
        let (event_type, sku) = ("cart.item-added.v1".to_owned(), Some("A".to_owned()));
        CartEvent { cart_id: CART, version, event_id: Uuid::nil(), event_type, sku, quantity: Some(quantity) }
    }

    fn found(events: &[CartEvent]) -> [usize; 3] {
        let mut history = History::default();
        for (version, quantity) in [(1, 2), (2, 3)] {
            history.acknowledged(CART, version, Change::Add { sku: "A".into(), quantity });
        }
        let mut findings = Findings::default();
        check(&history.expected(), events, &mut findings);
        [Violation::Lost, Violation::Doubled, Violation::OutOfOrder].map(|what| findings.of(what).len())
    }

    #[test]
    fn events_that_are_lost_doubled_or_in_another_order_are_found() {
        assert_eq!(found(&[event(1, 2), event(2, 3)]), [0, 0, 0]);
        assert_eq!(found(&[event(1, 2)]), [1, 0, 0]);
        assert_eq!(found(&[event(1, 2), event(2, 3), event(3, 3)]), [0, 1, 0]);
        assert_eq!(found(&[event(1, 3), event(2, 2)]), [0, 0, 2]);
    }
}
