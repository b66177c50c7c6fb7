//! How far carts' events had been handled, as inventory's own events show.

use std::collections::{BTreeSet, HashMap, HashSet};

use envelope::Envelope;
use uuid::Uuid;

use super::state_change::{OwnEvent, StateChange};
use crate::on_events::{CartChange, CartChangeKind};

/// The carts' events whose effects are in the event log.
///
/// If the database is lost just then, the log may have only part of what one transaction published. The events of one subject
/// are there in order: where one about a cart is missing, so are all later ones about it. So handling the cart's event again
/// can't undo anything newer.
#[derive(Default)]
pub(super) struct HandledCartEvents {
    /// The products for which the log has the effect of a cart's event, by the id of that event.
    products: HashMap<Uuid, BTreeSet<String>>,
    /// The last event of each cart with an effect in the log.
    last: HashMap<Uuid, Uuid>,
    /// The carts whose holds have ended.
    ended: HashSet<Uuid>,
}

/// How far a cart's event had been handled.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Handled {
    /// Not at all.
    No,
    /// For these products only, out of those that it names.
    Partly(BTreeSet<String>),
    /// Nothing is left to do.
    Fully,
}

impl HandledCartEvents {
    /// Records which cart's event one of inventory's own events followed from.
    pub fn record(&mut self, OwnEvent { change, direct_effect_of }: &OwnEvent) {
        match (change, *direct_effect_of) {
            (StateChange::HoldsEnded { cart_id }, cause) => {
                self.ended.insert(*cart_id);
                // The end of a cart that was merged may follow from the other one's event.
                if let Some(cause) = cause {
                    self.products.entry(cause).or_default();
                }
            }
            (StateChange::Hold { line, .. } | StateChange::HoldLapsed { line }, Some(cause)) => {
                self.products.entry(cause).or_default().insert(line.sku.clone());
                self.last.insert(line.cart_id, cause);
            }
            (StateChange::OnHand { .. }, _)
            | (StateChange::Hold { .. } | StateChange::HoldLapsed { .. }, None) => {}
        }
    }

    /// Whether the holds of a cart have ended.
    pub fn has_ended(&self, cart_id: Uuid) -> bool {
        self.ended.contains(&cart_id)
    }

    /// Whether the log has an effect of this event, or may have one.
    pub fn may_include(&self, event: &Envelope) -> bool {
        self.products.contains_key(&event.id) || event.is_final
    }

    /// How far a cart's event had been handled.
    pub fn how_far(&self, change: &CartChange<'_>) -> Handled {
        if matches!(change.kind, CartChangeKind::Ends) {
            return if self.has_ended(change.cart_id) { Handled::Fully } else { Handled::No };
        }
        let Some(products) = self.products.get(&change.event.id) else { return Handled::No };
        let (named, is_last) = (change.wanted(), self.last.get(&change.cart_id) == Some(&change.event.id));
        let is_all = named.is_some_and(|wanted| wanted.keys().all(|sku| products.contains(sku)));
        match change.kind {
            CartChangeKind::Wants { .. } => Handled::Fully,
            _ if is_all || (!is_last && !products.is_empty()) => Handled::Fully,
            _ if products.is_empty() => Handled::No,
            _ => Handled::Partly(products.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use envelope::{Cause, Clock, EventType};
    use events::cart::{CartQuiet, CartResumed, ItemRemoved, LineQuantity};
    use events::inventory::{StockHeld, StockReleased};

    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn of_cart<E: EventType>(fact: &E) -> Envelope {
        Envelope::new(fact, &Cause::started_by("a test"), Clock::system().now()).unwrap()
    }

    /// Records an effect of a cart's event.
    fn record<E: EventType>(handled: &mut HandledCartEvents, fact: &E, cause: &Envelope) {
        let effect = Envelope::new(fact, &cause.as_cause(), Clock::system().now()).unwrap();
        handled.record(&OwnEvent::read(&effect).unwrap().unwrap());
    }

    fn held(sku: &str) -> StockHeld {
        StockHeld { cart_id: CART, sku: sku.into(), held: 1, filled: None }
    }

    fn how_far(handled: &HandledCartEvents, event: &Envelope) -> Handled {
        handled.how_far(&CartChange::read(event).unwrap().unwrap())
    }

    #[test]
    fn an_event_of_several_lines_is_handled_once_each_has_its_effect_or_something_later_has() {
        let line = |sku: &str| LineQuantity { sku: sku.into(), quantity: 1 };
        let resumed = of_cart(&CartResumed { cart_id: CART, lines: vec![line("cup"), line("pot")] });
        let mut handled = HandledCartEvents::default();
        assert_eq!(how_far(&handled, &resumed), Handled::No);
        record(&mut handled, &held("cup"), &resumed);
        assert_eq!(how_far(&handled, &resumed), Handled::Partly(BTreeSet::from(["cup".to_owned()])));
        let mut all = handled;
        record(&mut all, &held("pot"), &resumed);
        assert_eq!(how_far(&all, &resumed), Handled::Fully);

        let mut later = HandledCartEvents::default();
        record(&mut later, &held("cup"), &resumed);
        let removed = of_cart(&ItemRemoved { cart_id: CART, sku: "cup".into(), quantity: 1 });
        let released = StockReleased { cart_id: CART, sku: "cup".into(), released: 1, lapsed: false };
        record(&mut later, &released, &removed);
        assert_eq!((how_far(&later, &resumed), how_far(&later, &removed)), (Handled::Fully, Handled::Fully));
    }

    #[test]
    fn a_quiet_cart_without_a_later_effect_is_looked_at_again() {
        let quiet = of_cart(&CartQuiet { cart_id: CART, since: Clock::system().now() });
        let released = StockReleased { cart_id: CART, sku: "cup".into(), released: 1, lapsed: true };
        let mut handled = HandledCartEvents::default();
        record(&mut handled, &released, &quiet);
        assert!(matches!(how_far(&handled, &quiet), Handled::Partly(_)), "other lines may still be held");
    }
}
