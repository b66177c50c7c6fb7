use std::collections::BTreeMap;

use events::cart::CartEvent as What;
use uuid::Uuid;

use crate::checker::cart_event::{CartEvent, CartEvents};
use crate::checker::findings::{Findings, Violation};
use crate::history::{ExpectedCart, ExpectedCarts};

/// The cart has the events of each change that was acknowledged, at the versions that follow from the client's answer, and no
/// others except those that it publishes by itself because nothing was changed for some time.
pub fn check(expected: &ExpectedCarts, events: &CartEvents, findings: &mut Findings) {
    for (id, cart) in expected {
        for (version, what) in &cart.contradictions {
            findings.add(Violation::OutOfOrder, format!("version {version} of cart {id}: {what}"));
        }
        check_cart(*id, cart, events.get(id).map_or(&[], Vec::as_slice), findings);
    }
    for event in events.iter().filter(|(id, _)| !expected.contains_key(id)).flat_map(|(_, events)| events) {
        findings.add(Violation::Doubled, format!("an event that no client asked for: {event:?}"));
    }
}

fn check_cart(id: Uuid, cart: &ExpectedCart, events: &[CartEvent], findings: &mut Findings) {
    let mut stored: BTreeMap<i64, &CartEvent> = events.iter().map(|event| (event.version, event)).collect();
    check_end(id, cart, stored.last_entry().map(|last| *last.get()), findings);
    for (version, expected) in &cart.events {
        match stored.get(version) {
            None => findings.add(Violation::Lost, format!("version {version} of cart {id}: {expected:?}")),
            Some(event) if !expected.matches(&event.what) => {
                let found = format!("version {version} of cart {id} is {event:?}; it should be {expected:?}");
                findings.add(Violation::OutOfOrder, found);
            }
            Some(_) => {}
        }
    }
    for version in &cart.no_ops {
        if *version > 0
            && !cart.events.contains_key(version)
            && !stored.get(version).is_some_and(|event| event.is_of_time())
        {
            let found =
                format!("version {version} of cart {id} is the answer to a change that wrote nothing");
            findings.add(Violation::OutOfOrder, found);
        }
    }
    stored.retain(|version, _| !cart.events.contains_key(version));
    for event in stored.into_values() {
        let is_by_itself = event.is_of_time() || matches!(event.what, What::CartResumed(_));
        let is_merge =
            matches!(&event.what, What::CartMerged(merged) if cart.merged_into == Some(merged.into_cart_id));
        if !is_by_itself && !is_merge {
            findings.add(Violation::Doubled, format!("an event that no client asked for: {event:?}"));
        }
    }
}

/// If clients were told that the cart has ended, it has.
fn check_end(id: Uuid, cart: &ExpectedCart, last: Option<&CartEvent>, findings: &mut Findings) {
    let has_ended = last.is_some_and(CartEvent::is_final);
    if let Some(into) = cart.merged_into
        && !last
            .is_some_and(|last| matches!(&last.what, What::CartMerged(merged) if merged.into_cart_id == into))
    {
        findings.add(
            Violation::Lost,
            format!("cart {id} was merged into {into}, and its last event is {last:?}"),
        );
    }
    if cart.is_reported_ended && !has_ended {
        findings
            .add(Violation::Client, format!("a client was told that cart {id} has ended, which it has not"));
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use events::Money;
    use events::cart::{CartExpired, CartMerged, CartQuiet, ItemAdded};

    use super::*;
    use crate::history::{History, RequestedChange};

    const CART: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn event(version: i64, what: What) -> CartEvent {
        CartEvent { cart_id: CART, version, event_id: Uuid::nil(), time: DateTime::UNIX_EPOCH, what }
    }

    fn added(version: i64, quantity: i64, line_quantity: i64) -> CartEvent {
        let unit_price: Money = serde_json::from_str(r#"{"amount":1,"currency":"GBP"}"#).unwrap();
        let (sku, name) = ("A".to_owned(), String::new());
        event(
            version,
            What::ItemAdded(ItemAdded { cart_id: CART, sku, name, unit_price, quantity, line_quantity }),
        )
    }

    fn found_of(history: &History, events: &[CartEvent]) -> [usize; 4] {
        let mut findings = Findings::default();
        check(&history.expected(), &CartEvents::from([(CART, events.to_vec())]), &mut findings);
        let violations = [Violation::Lost, Violation::Doubled, Violation::OutOfOrder, Violation::Client];
        violations.map(|what| findings.of(what).len())
    }

    fn two_additions(second: i64) -> History {
        let mut history = History::default();
        for (version, quantity) in [(1, 2), (second, 3)] {
            history.acknowledged(CART, version, RequestedChange::Add { sku: "A".into(), quantity });
        }
        history
    }

    #[test]
    fn events_that_are_lost_doubled_or_in_another_order_are_found() {
        let found = |events: &[CartEvent]| found_of(&two_additions(2), events);
        assert_eq!(found(&[added(1, 2, 2), added(2, 3, 5)]), [0, 0, 0, 0]);
        assert_eq!(found(&[added(1, 2, 2)]), [1, 0, 0, 0]);
        assert_eq!(found(&[added(1, 2, 2), added(2, 3, 5), added(3, 3, 8)]), [0, 1, 0, 0]);
        assert_eq!(found(&[added(1, 3, 3), added(2, 2, 5)]), [0, 0, 2, 0]);
    }

    #[test]
    fn only_what_time_brings_may_stand_between() {
        let quiet = event(2, What::CartQuiet(CartQuiet { cart_id: CART, since: DateTime::UNIX_EPOCH }));
        let found = |events: &[CartEvent]| found_of(&two_additions(3), events);
        assert_eq!(found(&[added(1, 2, 2), quiet, added(3, 3, 5)]), [0, 0, 0, 0]);
        assert_eq!(found(&[added(1, 2, 2), added(2, 3, 5), added(3, 3, 8)]), [0, 1, 1, 0]);
    }

    #[test]
    fn a_reported_end_is_the_last_event() {
        let mut history = two_additions(2);
        history.reported_ended(CART);
        let mut events = vec![added(1, 2, 2), added(2, 3, 5)];
        assert_eq!(found_of(&history, &events), [0, 0, 0, 1]);
        events.push(event(3, What::CartExpired(CartExpired { cart_id: CART })));
        assert_eq!(found_of(&history, &events), [0, 0, 0, 0]);

        let merged = |into_cart_id| What::CartMerged(CartMerged { cart_id: CART, into_cart_id });
        events[2] = event(3, merged(OTHER));
        assert_eq!(found_of(&history, &events), [0, 1, 0, 0], "nobody asked for it");
    }
}
