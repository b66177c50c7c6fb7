//! How a restored warehouse becomes what its own events say.

use std::collections::{BTreeMap, BTreeSet};

use tracing::debug;

use super::said::Said;
use crate::stock::{Allocation, MAIN, Stock};

/// How many of each product there were, as was told last.
#[derive(Default)]
pub(super) struct Told {
    on_hand: BTreeMap<String, i64>,
    /// Of these more is held than was told.
    exceeded: BTreeSet<String>,
}

impl Told {
    pub fn exceeded(&self) -> impl Iterator<Item = String> {
        self.exceeded.iter().cloned()
    }

    /// The log keeps the order of each cart's holds, and not that between carts. While a hold stands in it before the release
    /// that made room for it, more is held than there is; so what was told counts each time, not what that made of it before.
    pub fn apply<'a>(&mut self, allocation: &mut Allocation, said: impl Iterator<Item = &'a Said>) {
        for (sku, stock) in &mut allocation.stock {
            set_on_hand(stock, *self.on_hand.entry(sku.clone()).or_insert(stock.on_hand.total()));
        }
        for said in said {
            apply(allocation, said);
        }
        let told = allocation.stock.iter().map(|(sku, stock)| (sku.clone(), stock.on_hand.total()));
        self.on_hand.extend(told);
        self.exceeded.retain(|sku| !allocation.stock.contains_key(sku));
        self.exceeded.extend(make_consistent(allocation));
    }
}

fn apply(allocation: &mut Allocation, said: &Said) {
    match said {
        Said::OnHand { sku, on_hand } => {
            let stock = allocation.stock.entry(sku.clone()).or_default();
            set_on_hand(stock, *on_hand);
            stock.counted = true;
        }
        Said::Hold { line, wanted, held } => allocation.set_hold(line, *wanted, *held),
        Said::Lapsed { line } => _ = allocation.lapse(line),
        Said::Ended { cart_id } => {
            for line in allocation.lines_of(*cart_id) {
                allocation.release(&line);
            }
        }
    }
}

/// Events don't say where pieces are; what is different is so at the main location.
fn set_on_hand(stock: &mut Stock, on_hand: i64) {
    let more = on_hand - stock.on_hand.total();
    stock.on_hand.add(MAIN, more);
}

/// Never oversold: what carts were promised is there, whatever the log may lack. Returns of which there was less.
fn make_consistent(allocation: &mut Allocation) -> Vec<String> {
    let mut exceeded = Vec::new();
    for (sku, stock) in &mut allocation.stock {
        let (on_hand, held) = (stock.on_hand.total(), stock.held.total());
        if held > on_hand {
            debug!(sku, on_hand, held, "more is held than was told");
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

    fn hold(cart: u128, held: i64) -> Said {
        Said::Hold { line: CartLine { cart_id: Uuid::from_u128(cart), sku: "a".into() }, wanted: held, held }
    }

    #[test]
    fn a_hold_that_comes_before_the_release_that_made_room_for_it_makes_no_stock() {
        let (mut allocation, mut told) = (Allocation::default(), Told::default());
        let on_hand = Said::OnHand { sku: "a".into(), on_hand: 5 };
        told.apply(&mut allocation, [on_hand, hold(1, 5)].iter());
        told.apply(&mut allocation, [hold(2, 5)].iter());
        assert_eq!(numbers(&allocation), (10, 10), "never oversold");
        told.apply(&mut allocation, [hold(1, 0)].iter());
        assert_eq!(numbers(&allocation), (5, 5));
    }

    #[test]
    fn what_was_said_last_is_so_and_nothing_is_oversold() {
        let line = CartLine { cart_id: Uuid::nil(), sku: "a".into() };
        let mut allocation = Allocation::default();
        apply(&mut allocation, &Said::OnHand { sku: "a".into(), on_hand: 5 });
        apply(&mut allocation, &Said::Hold { line: line.clone(), wanted: 4, held: 4 });
        apply(&mut allocation, &Said::Hold { line: line.clone(), wanted: 9, held: 6 });
        make_consistent(&mut allocation);
        let hold = &allocation.holds()[&line];
        assert_eq!((hold.wanted, hold.held.total()), (9, 6));
        assert_eq!(numbers(&allocation), (6, 6));
        apply(&mut allocation, &Said::Hold { line: line.clone(), wanted: 0, held: 0 });
        assert_eq!((allocation.holds().len(), numbers(&allocation).1), (0, 0));
    }
}
