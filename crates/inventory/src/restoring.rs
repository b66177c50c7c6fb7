//! What inventory does after its database was restored from a backup: its own events tell what was stocked and held.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use bus::{Failure, OwnEvents};
use envelope::{Envelope, EventSet};
use events::inventory::{
    HoldEvent, HoldsEnded, StockChanged, StockEvent, StockHeld, StockReleased, StockShort,
};
use sqlx::PgConnection;
use tracing::warn;
use uuid::Uuid;

use crate::stock::{Allocation, CartLine, MAIN, Reason, Stock};
use crate::store::{self, KnownSkus};

/// Stock and holds as they were published.
#[derive(Default)]
pub struct Published {
    /// How many of each product there were, as was told last.
    told: Mutex<BTreeMap<String, i64>>,
}

/// What an event says of the warehouse.
enum Said {
    OnHand { sku: String, on_hand: i64 },
    Hold { line: CartLine, wanted: i64, held: i64 },
    Lapsed { line: CartLine },
    Ended { cart_id: Uuid },
}

impl OwnEvents for Published {
    /// Every change of a cart's line is answered with an event about its hold. What others got or lost by it doesn't say that
    /// it was answered.
    fn tells_all(&self, event: &Envelope) -> bool {
        match HoldEvent::read(event) {
            Ok(Some(HoldEvent::StockHeld(StockHeld { filled, .. }))) => filled.is_none(),
            Ok(Some(HoldEvent::StockShort(StockShort { filled, cut, .. }))) => {
                filled.is_none() && cut.is_none()
            }
            _ => HoldEvent::TYPES.contains(&event.kind.as_str()),
        }
    }

    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let said = said(events)?;
        let (mut skus, mut lines, mut ended) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for said in &said {
            match said {
                Said::OnHand { sku, .. } => _ = skus.insert(sku.clone()),
                Said::Hold { line, .. } | Said::Lapsed { line } => _ = lines.insert(line.clone()),
                Said::Ended { cart_id } => _ = ended.insert(*cart_id),
            }
        }
        if !ended.is_empty() {
            lines.extend(store::lines_of(connection, &ended).await?);
        }
        skus.extend(lines.iter().map(|line| line.sku.clone()));
        let skus = skus.iter().map(String::as_str).collect();
        let before = store::lock_allocation_of(connection, &skus, &lines, &KnownSkus::default()).await?;
        let mut after = before.clone();
        apply_all(&mut after, &said, &mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
        store::save_allocation(connection, &before, &after).await?;
        store::record(connection, &before.stock, &after.stock, Reason::Unrecorded).await?;
        Ok(())
    }
}

fn said(events: &[&Envelope]) -> Result<Vec<Said>, Failure> {
    let mut said = Vec::with_capacity(events.len());
    for event in events {
        if let Some(StockEvent::StockChanged(StockChanged { sku, on_hand, .. })) = StockEvent::read(event)? {
            said.push(Said::OnHand { sku, on_hand });
        } else if let Some(event) = HoldEvent::read(event)? {
            said.extend(hold(event));
        }
    }
    Ok(said)
}

fn hold(event: HoldEvent) -> Option<Said> {
    let (cart_id, sku, wanted, held) = match event {
        HoldEvent::StockHeld(StockHeld { cart_id, sku, held, .. }) => (cart_id, sku, held, held),
        HoldEvent::StockShort(StockShort { cart_id, sku, wanted, held, .. }) => (cart_id, sku, wanted, held),
        HoldEvent::StockReleased(StockReleased { cart_id, sku, lapsed: true, .. }) => {
            return Some(Said::Lapsed { line: CartLine { cart_id, sku } });
        }
        HoldEvent::StockReleased(StockReleased { cart_id, sku, .. }) => (cart_id, sku, 0, 0),
        HoldEvent::HoldsEnded(HoldsEnded { cart_id }) => return Some(Said::Ended { cart_id }),
        // Nothing has changed.
        HoldEvent::HoldsSnapshot(_) => return None,
    };
    Some(Said::Hold { line: CartLine { cart_id, sku }, wanted, held })
}

/// The log keeps the order of each cart's holds, and not that between carts. While a hold stands in it before the release that
/// made room for it, more is held than there is; so what was told counts each time, not what that made of it before.
fn apply_all(allocation: &mut Allocation, said: &[Said], told: &mut BTreeMap<String, i64>) {
    for (sku, stock) in &mut allocation.stock {
        set_on_hand(stock, *told.entry(sku.clone()).or_insert(stock.on_hand.total()));
    }
    for said in said {
        apply(allocation, said);
    }
    told.extend(allocation.stock.iter().map(|(sku, stock)| (sku.clone(), stock.on_hand.total())));
    make_consistent(allocation);
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

/// Never oversold: what carts were promised is there, whatever the log may lack.
fn make_consistent(allocation: &mut Allocation) {
    for (sku, stock) in &mut allocation.stock {
        let (on_hand, held) = (stock.on_hand.total(), stock.held.total());
        if held > on_hand {
            warn!(sku, on_hand, held, "more is held than was counted: count it again");
            set_on_hand(stock, held);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(allocation: &Allocation) -> (i64, i64) {
        let stock = &allocation.stock["a"];
        (stock.on_hand.total(), stock.held.total())
    }

    fn hold(cart: u128, held: i64) -> Said {
        Said::Hold { line: CartLine { cart_id: Uuid::from_u128(cart), sku: "a".into() }, wanted: held, held }
    }

    #[test]
    fn a_hold_that_comes_before_the_release_that_made_room_for_it_makes_no_stock() {
        let (mut allocation, mut told) = (Allocation::default(), BTreeMap::new());
        let on_hand = Said::OnHand { sku: "a".into(), on_hand: 5 };
        apply_all(&mut allocation, &[on_hand, hold(1, 5)], &mut told);
        apply_all(&mut allocation, &[hold(2, 5)], &mut told);
        assert_eq!(numbers(&allocation), (10, 10), "never oversold");
        apply_all(&mut allocation, &[hold(1, 0)], &mut told);
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
