//! How far carts' events were answered, by inventory's own events.

use std::collections::{BTreeSet, HashMap, HashSet};

use envelope::Envelope;
use uuid::Uuid;

use super::said::{Said, Statement};
use crate::on_events::{CartChange, CartChangeKind};

/// The answers that the event log has.
///
/// What a service publishes in one transaction may be in the log in part, if its database is lost at that moment. Those of
/// one subject are there in their order: where an answer about a cart is missing, so are all later ones about it, and to handle
/// the cart's event again overtakes nothing.
#[derive(Default)]
pub(super) struct Answered {
    /// The products that each cart's event was answered about.
    products: HashMap<Uuid, BTreeSet<String>>,
    /// The event of each cart that was answered last.
    last: HashMap<Uuid, Uuid>,
    /// The carts whose holds have ended.
    ended: HashSet<Uuid>,
}

/// How far a cart's event was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Not at all.
    None,
    /// About these products, and not about others that it names.
    Part(BTreeSet<String>),
    /// Nothing is left to do.
    All,
}

impl Answered {
    /// Notes what an own event answers.
    pub fn note(&mut self, Statement { said, answers }: &Statement) {
        match (said, *answers) {
            (Said::Ended { cart_id }, cause) => {
                self.ended.insert(*cart_id);
                // The end of a cart that was merged may follow from the other one's event.
                if let Some(cause) = cause {
                    self.products.entry(cause).or_default();
                }
            }
            (Said::Hold { line, .. } | Said::Lapsed { line }, Some(cause)) => {
                self.products.entry(cause).or_default().insert(line.sku.clone());
                self.last.insert(line.cart_id, cause);
            }
            (Said::OnHand { .. }, _) | (Said::Hold { .. } | Said::Lapsed { .. }, None) => {}
        }
    }

    /// Whether the holds of a cart have ended.
    pub fn has_ended(&self, cart_id: Uuid) -> bool {
        self.ended.contains(&cart_id)
    }

    /// Whether something was answered about this event, or may have been.
    pub fn knows(&self, event: &Envelope) -> bool {
        self.products.contains_key(&event.id) || event.is_final
    }

    /// How far a cart's event was answered.
    pub fn extent(&self, change: &CartChange<'_>) -> Extent {
        if matches!(change.kind, CartChangeKind::Ends) {
            return if self.has_ended(change.cart_id) { Extent::All } else { Extent::None };
        }
        let Some(products) = self.products.get(&change.event.id) else { return Extent::None };
        let (named, is_last) = (change.wanted(), self.last.get(&change.cart_id) == Some(&change.event.id));
        let is_all = named.is_some_and(|wanted| wanted.keys().all(|sku| products.contains(sku)));
        match change.kind {
            CartChangeKind::Wants { .. } => Extent::All,
            _ if is_all || (!is_last && !products.is_empty()) => Extent::All,
            _ if products.is_empty() => Extent::None,
            _ => Extent::Part(products.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use envelope::{Cause, Clock, EventType};
    use events::cart::{CartQuiet, CartResumed, ItemRemoved, LineQuantity};
    use events::inventory::{StockHeld, StockReleased};

    use super::*;
    use crate::restoring::said;

    const CART: Uuid = Uuid::from_u128(1);

    fn of_cart<E: EventType>(fact: &E) -> Envelope {
        Envelope::new(fact, &Cause::started_by("a test"), Clock::system().now()).unwrap()
    }

    /// Notes the answer to a cart's event.
    fn answer<E: EventType>(answered: &mut Answered, fact: &E, cause: &Envelope) {
        let answer = Envelope::new(fact, &cause.as_cause(), Clock::system().now()).unwrap();
        answered.note(&said::read(&answer).unwrap().unwrap());
    }

    fn held(sku: &str) -> StockHeld {
        StockHeld { cart_id: CART, sku: sku.into(), held: 1, filled: None }
    }

    fn extent(answered: &Answered, event: &Envelope) -> Extent {
        answered.extent(&CartChange::read(event).unwrap().unwrap())
    }

    #[test]
    fn an_event_of_several_lines_is_known_once_each_was_answered_or_something_later() {
        let line = |sku: &str| LineQuantity { sku: sku.into(), quantity: 1 };
        let resumed = of_cart(&CartResumed { cart_id: CART, lines: vec![line("cup"), line("pot")] });
        let mut answered = Answered::default();
        assert_eq!(extent(&answered, &resumed), Extent::None);
        answer(&mut answered, &held("cup"), &resumed);
        assert_eq!(extent(&answered, &resumed), Extent::Part(BTreeSet::from(["cup".to_owned()])));
        let mut all = answered;
        answer(&mut all, &held("pot"), &resumed);
        assert_eq!(extent(&all, &resumed), Extent::All);

        let mut later = Answered::default();
        answer(&mut later, &held("cup"), &resumed);
        let removed = of_cart(&ItemRemoved { cart_id: CART, sku: "cup".into(), quantity: 1 });
        let released = StockReleased { cart_id: CART, sku: "cup".into(), released: 1, lapsed: false };
        answer(&mut later, &released, &removed);
        assert_eq!((extent(&later, &resumed), extent(&later, &removed)), (Extent::All, Extent::All));
    }

    #[test]
    fn a_quiet_cart_of_which_nothing_later_was_answered_is_looked_at_again() {
        let quiet = of_cart(&CartQuiet { cart_id: CART, since: Clock::system().now() });
        let released = StockReleased { cart_id: CART, sku: "cup".into(), released: 1, lapsed: true };
        let mut answered = Answered::default();
        answer(&mut answered, &released, &quiet);
        assert!(matches!(extent(&answered, &quiet), Extent::Part(_)), "other lines may still be held");
    }
}
