use std::collections::BTreeMap;

use envelope::{Cause, Clock, EventType};
use events::cart::{CartAbandoned, ItemAdded, ItemRemoved};
use events::inventory::{AvailabilityChanged, StockHeld, StockReleased, StockShort};
use events::notify::{EmailFailed, EmailSent};
use serde_json::json;
use uuid::Uuid;

use super::*;

/// An event that follows others of its subject.
fn event<E: EventType>(data: serde_json::Value) -> Envelope {
    let event: E = serde_json::from_value(data).unwrap();
    let cause = Cause::started_by("a test");
    Envelope::new(&event, &cause, Clock::system().now()).unwrap().numbered(7)
}

fn counted(event: &Envelope) -> BTreeMap<(&'static str, &'static str), i128> {
    let counted = Counted::by(event).unwrap().into_iter();
    let counted = counted.filter(|counted| counted.measure != Measure::Events);
    counted.map(|counted| ((counted.measure.column(), counted.currency), counted.value)).collect()
}

fn addition() -> Envelope {
    event::<ItemAdded>(json!({
        "cart_id": Uuid::nil(), "sku": "CUP", "name": "Cup", "quantity": 3, "line_quantity": 5,
        "unit_price": {"amount": 250, "currency": "GBP"},
    }))
}

#[test]
fn an_addition_counts_with_its_units_and_their_value() {
    let expected = [(("additions", ""), 1), (("units-added", ""), 3), (("value-added", "GBP"), 750)];
    assert_eq!(counted(&addition()), expected.into());
}

#[test]
fn the_first_event_of_a_cart_starts_it_in_every_epoch() {
    let epoch = 5 << 32;
    let behind = |previous: i64| {
        let mut event = addition().numbered(epoch + 1);
        event.previous = Some(previous);
        event
    };
    let (first_of_its_epoch, first_at_all) = (behind(4), behind(0));
    let started = |event: &Envelope| counted(event).contains_key(&("carts-started", ""));
    assert!(started(&addition().numbered(1)) && started(&first_at_all));
    assert!(!started(&addition().numbered(2)) && !started(&first_of_its_epoch));
}

#[test]
fn what_inventory_and_notify_say_is_counted() {
    let (cart, sku) = (Uuid::nil(), "CUP");
    let cases = [
        (event::<ItemRemoved>(json!({"cart_id": cart, "sku": sku, "quantity": 1})), "removals"),
        (event::<StockHeld>(json!({"cart_id": cart, "sku": sku, "held": 3})), "holds"),
        (event::<StockShort>(json!({"cart_id": cart, "sku": sku, "wanted": 3, "held": 1})), "shortages"),
        (
            event::<StockReleased>(json!({"cart_id": cart, "sku": sku, "released": 1, "lapsed": true})),
            "lapses",
        ),
        (event::<AvailabilityChanged>(json!({"sku": sku, "available": 0, "level": "sold-out"})), "sold-out"),
        (event::<AvailabilityChanged>(json!({"sku": sku, "available": 0})), "sold-out"),
        (event::<EmailSent>(json!({"cart_id": cart, "about": cart})), "mails-sent"),
        (event::<EmailFailed>(json!({"cart_id": cart, "about": cart})), "mails-failed"),
    ];
    for (event, measure) in cases {
        assert_eq!(counted(&event), [((measure, ""), 1)].into(), "{}", event.kind);
    }
    let released = event::<StockReleased>(json!({"cart_id": cart, "sku": sku, "released": 1}));
    let low = event::<AvailabilityChanged>(json!({"sku": sku, "available": 2, "level": "low"}));
    assert!(counted(&released).is_empty() && counted(&low).is_empty());
}

#[test]
fn an_abandoned_cart_counts_with_what_is_in_it_where_that_is_known() {
    let abandoned = |total: serde_json::Value| {
        let since = Clock::system().now();
        event::<CartAbandoned>(json!({"cart_id": Uuid::nil(), "since": since, "lines": 2, "total": total}))
    };
    let known = counted(&abandoned(json!({"amount": 1695, "currency": "EUR"})));
    assert_eq!(known, [(("abandonments", ""), 1), (("value-abandoned", "EUR"), 1695)].into());
    assert_eq!(counted(&abandoned(json!(null))), [(("abandonments", ""), 1)].into());
}

#[test]
fn a_snapshot_and_an_unknown_type_are_events_and_no_more() {
    let mut unknown = addition();
    "cart.item-wrapped.v1".clone_into(&mut unknown.kind);
    for event in [addition().as_snapshot(), unknown] {
        assert!(counted(&event).is_empty());
        assert_eq!(Counted::by(&event).unwrap().len(), 1);
    }
}

#[test]
fn a_measure_is_read_as_it_is_written() {
    assert!(Measure::ALL.iter().all(|measure| Measure::read(measure.column()) == Some(*measure)));
    assert_eq!(Measure::read("smiles"), None);
}
