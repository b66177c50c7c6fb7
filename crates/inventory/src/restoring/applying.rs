//! Applying the state changes of inventory's own events to restored stock and holds.

use std::collections::{BTreeMap, BTreeSet};

use tracing::debug;

use super::state_change::StateChange;
use crate::stock::{Allocation, MAIN, Stock};

/// How many of each product were on hand, as its last event says.
#[derive(Default)]
pub(super) struct LastOnHand {
    on_hand: BTreeMap<String, i64>,
    /// Products of which more is held than their last event says is on hand.
    exceeded: BTreeSet<String>,
}

impl LastOnHand {
    pub fn exceeded(&self) -> impl Iterator<Item = String> {
        self.exceeded.iter().cloned()
    }

    /// The log keeps the order of each cart's holds, but not the order between carts. While a hold comes before the release
    /// that made room for it, more is held than there is; so each time it starts from what the last event said, not from what
    /// was made of it to keep holds within stock.
    pub fn apply<'a>(&mut self, allocation: &mut Allocation, changes: impl Iterator<Item = &'a StateChange>) {
        for (sku, stock) in &mut allocation.stock {
            set_on_hand(stock, *self.on_hand.entry(sku.clone()).or_insert(stock.on_hand.total()));
        }
        for change in changes {
            apply(allocation, change);
        }
        let on_hand = allocation.stock.iter().map(|(sku, stock)| (sku.clone(), stock.on_hand.total()));
        self.on_hand.extend(on_hand);
        self.exceeded.retain(|sku| !allocation.stock.contains_key(sku));
        self.exceeded.extend(make_consistent(allocation));
    }
}

fn apply(allocation: &mut Allocation, change: &StateChange) {
    match change {
        StateChange::OnHand { sku, on_hand } => {
            let stock = allocation.stock.entry(sku.clone()).or_default();
            set_on_hand(stock, *on_hand);
            stock.counted = true;
        }
        StateChange::Hold { line, wanted, held } => allocation.set_hold(line, *wanted, *held),
        StateChange::HoldLapsed { line } => _ = allocation.lapse(line),
        StateChange::HoldsEnded { cart_id } => {
            for line in allocation.lines_of(*cart_id) {
                allocation.release(&line);
            }
        }
    }
}

/// Events don't say where pieces are, so the difference is booked at the main location.
fn set_on_hand(stock: &mut Stock, on_hand: i64) {
    let more = on_hand - stock.on_hand.total();
    stock.on_hand.add(MAIN, more);
}

/// Never oversold: what carts hold is on hand, whatever the log may lack. Returns the products of which there was less.
fn make_consistent(allocation: &mut Allocation) -> Vec<String> {
    let mut exceeded = Vec::new();
    for (sku, stock) in &mut allocation.stock {
        let (on_hand, held) = (stock.on_hand.total(), stock.held.total());
        if held > on_hand {
            debug!(sku, on_hand, held, "more is held than the last event says is on hand");
            set_on_hand(stock, held);
            exceeded.push(sku.clone());
        }
    }
    exceeded
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::stock::CartLine;

    fn numbers(allocation: &Allocation) -> (i64, i64) {
        let stock = &allocation.stock["a"];
        (stock.on_hand.total(), stock.held.total())
    }

    fn hold(cart: u128, held: i64) -> StateChange {
        StateChange::Hold {
            line: CartLine { cart_id: Uuid::from_u128(cart), sku: "a".into() },
            wanted: held,
            held,
        }
    }

    #[test]
    fn a_hold_that_comes_before_the_release_that_made_room_for_it_makes_no_stock() {
        let (mut allocation, mut last_on_hand) = (Allocation::default(), LastOnHand::default());
        let on_hand = StateChange::OnHand { sku: "a".into(), on_hand: 5 };
        last_on_hand.apply(&mut allocation, [on_hand, hold(1, 5)].iter());
        last_on_hand.apply(&mut allocation, [hold(2, 5)].iter());
        assert_eq!(numbers(&allocation), (10, 10), "never oversold");
        last_on_hand.apply(&mut allocation, [hold(1, 0)].iter());
        assert_eq!(numbers(&allocation), (5, 5));
    }

    #[test]
    fn the_last_event_counts_and_nothing_is_oversold() {
        let line = CartLine { cart_id: Uuid::nil(), sku: "a".into() };
        let mut allocation = Allocation::default();
        apply(&mut allocation, &StateChange::OnHand { sku: "a".into(), on_hand: 5 });
        apply(&mut allocation, &StateChange::Hold { line: line.clone(), wanted: 4, held: 4 });
        apply(&mut allocation, &StateChange::Hold { line: line.clone(), wanted: 9, held: 6 });
        make_consistent(&mut allocation);
        let hold = &allocation.holds()[&line];
        assert_eq!((hold.wanted, hold.held.total()), (9, 6));
        assert_eq!(numbers(&allocation), (6, 6));
        apply(&mut allocation, &StateChange::Hold { line: line.clone(), wanted: 0, held: 0 });
        assert_eq!((allocation.holds().len(), numbers(&allocation).1), (0, 0));
    }
}
