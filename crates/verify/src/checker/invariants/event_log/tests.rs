use events::cart::{CartDeleted, ItemQuantityChanged, SavedItemRemoved};
use serde_json::json;

use super::*;

const CART: Uuid = Uuid::from_u128(1);

/// A cart's event: its id is its version.
fn event(version: u128, what: What) -> CartEvent {
    let (version, event_id) = (i64::try_from(version).unwrap(), Uuid::from_u128(version));
    CartEvent { cart_id: CART, version, event_id, time: chrono::DateTime::UNIX_EPOCH, what }
}

fn changed(version: u128) -> CartEvent {
    let changed = ItemQuantityChanged { cart_id: CART, sku: "cup".to_owned(), from: 1, to: 2 };
    event(version, What::ItemQuantityChanged(changed))
}

fn merged_in(version: u128) -> CartEvent {
    let line = |sku: &str| {
        let price = json!({"amount": 1, "currency": "GBP"});
        json!({"sku": sku, "name": sku, "unit_price": price, "quantity": 1, "line_quantity": 1})
    };
    let merged =
        json!({"cart_id": CART, "from_cart_id": Uuid::from_u128(2), "lines": [line("cup"), line("pot")]});
    event(version, What::ItemsMergedIn(serde_json::from_value(merged).unwrap()))
}

/// What is found of a cart whose events were all published, and answered by inventory one after the other.
fn found(events: Vec<CartEvent>, answered: &[u128], is_whole: bool) -> Vec<Violation> {
    let logged = |id: Uuid, cause: Option<Uuid>, is_final: bool| Logged {
        id,
        cause,
        is_final,
        is_by_others: false,
        cart_version: None,
    };
    let of_cart = events.iter().map(|event| (event.version, logged(event.event_id, None, event.is_final())));
    let of_cart: OfSubject = of_cart.collect();
    let answers = answered.iter().map(|cause| logged(Uuid::new_v4(), Some(Uuid::from_u128(*cause)), false));
    let answers: OfSubject = (1..).zip(answers).collect();
    let mut published = BySource::new();
    for (source, of_subject) in
        [(What::AGGREGATE.source(), of_cart), (HoldEvent::AGGREGATE.source(), answers)]
    {
        if !of_subject.is_empty() {
            published.insert(source, Published::from([(CART.to_string(), of_subject)]));
        }
    }
    let mut findings = Findings::default();
    compare(&published, &CartEvents::from([(CART, events)]), is_whole, &mut findings);
    Violation::ALL.into_iter().filter(|violation| !findings.of(*violation).is_empty()).collect()
}

#[test]
fn each_change_is_answered_once_and_in_order() {
    let events = || vec![changed(1), changed(2)];
    assert_eq!(found(events(), &[1, 2], true), []);
    assert_eq!(found(events(), &[2, 1], true), [Violation::OutOfOrder]);
    assert_eq!(found(events(), &[1, 2, 2], true), [Violation::Doubled]);
    assert_eq!(found(events(), &[1], true), [Violation::OutOfOrder]);
    assert_eq!(found(events(), &[1], false), [], "the log may lack the other one");
}

#[test]
fn a_cart_of_which_inventory_said_nothing_is_found() {
    assert_eq!(found(vec![changed(1)], &[], true), [Violation::OutOfOrder]);
    assert_eq!(found(vec![changed(1)], &[], false), []);
    let nothing_to_say = SavedItemRemoved { cart_id: CART, sku: "cup".to_owned(), quantity: 1 };
    assert_eq!(found(vec![event(1, What::SavedItemRemoved(nothing_to_say))], &[], true), []);
}

/// Also where it was handled again for one of them, after a backup was restored.
#[test]
fn each_line_of_a_merge_is_answered_once() {
    let events = || vec![merged_in(1), event(2, What::CartDeleted(CartDeleted { cart_id: CART }))];
    assert_eq!(found(events(), &[1, 1, 2], true), []);
    assert_eq!(found(events(), &[1, 1, 1, 2], true), [Violation::Doubled]);
}
