//! What inventory does after its database was restored from a backup: its own events tell what was stocked and held.

use std::collections::BTreeSet;

use bus::{Failure, OwnEvents};
use envelope::{Envelope, EventSet};
use events::inventory::{HoldEvent, StockChanged, StockEvent, StockHeld, StockReleased, StockShort};
use sqlx::PgConnection;
use tracing::warn;

use crate::stock::{CartLine, Warehouse};
use crate::store;

/// Stock and holds as they were published.
pub struct Published;

/// What an event says of the warehouse.
enum Said {
    OnHand { sku: String, on_hand: i64 },
    Hold { line: CartLine, wanted: i64, held: i64 },
}

impl OwnEvents for Published {
    /// Every change of a cart's line is answered with an event about its hold.
    fn tells_all(&self, event: &Envelope) -> bool {
        HoldEvent::TYPES.contains(&event.kind.as_str())
    }

    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let said = said(events)?;
        let (mut skus, mut lines) = (BTreeSet::new(), BTreeSet::new());
        for said in &said {
            match said {
                Said::OnHand { sku, .. } => _ = skus.insert(sku.as_str()),
                Said::Hold { line, .. } => _ = lines.insert(line),
            }
        }
        skus.extend(lines.iter().map(|line| line.sku.as_str()));
        let before = store::lock_warehouse_of(connection, &skus, &lines).await?;
        let mut after = before.clone();
        for said in &said {
            apply(&mut after, said);
        }
        make_consistent(&mut after);
        store::save_warehouse(connection, &before, &after).await?;
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
        HoldEvent::StockHeld(StockHeld { cart_id, sku, held }) => (cart_id, sku, held, held),
        HoldEvent::StockShort(StockShort { cart_id, sku, wanted, held }) => (cart_id, sku, wanted, held),
        HoldEvent::StockReleased(StockReleased { cart_id, sku, .. }) => (cart_id, sku, 0, 0),
        // Nothing has changed.
        HoldEvent::HoldsSnapshot(_) => return None,
    };
    Some(Said::Hold { line: CartLine { cart_id, sku }, wanted, held })
}

fn apply(warehouse: &mut Warehouse, said: &Said) {
    match said {
        Said::OnHand { sku, on_hand } => {
            let stock = warehouse.stock.entry(sku.clone()).or_default();
            (stock.on_hand, stock.counted) = (*on_hand, true);
        }
        Said::Hold { line, wanted, held } => warehouse.set_hold(line, *wanted, *held),
    }
}

/// Never oversold: what carts were promised is there, whatever the log may lack.
fn make_consistent(warehouse: &mut Warehouse) {
    for (sku, stock) in &mut warehouse.stock {
        if stock.held > stock.on_hand {
            warn!(
                sku,
                on_hand = stock.on_hand,
                held = stock.held,
                "more is held than was counted: count it again"
            );
            stock.on_hand = stock.held;
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::stock::Hold;

    #[test]
    fn what_was_said_last_is_so_and_nothing_is_oversold() {
        let line = CartLine { cart_id: Uuid::nil(), sku: "a".into() };
        let mut warehouse = Warehouse::default();
        apply(&mut warehouse, &Said::OnHand { sku: "a".into(), on_hand: 5 });
        apply(&mut warehouse, &Said::Hold { line: line.clone(), wanted: 4, held: 4 });
        apply(&mut warehouse, &Said::Hold { line: line.clone(), wanted: 9, held: 6 });
        make_consistent(&mut warehouse);
        assert_eq!(warehouse.holds[&line], Hold { wanted: 9, held: 6 });
        assert_eq!((warehouse.stock["a"].on_hand, warehouse.stock["a"].held), (6, 6));
        apply(&mut warehouse, &Said::Hold { line: line.clone(), wanted: 0, held: 0 });
        assert_eq!((warehouse.holds.len(), warehouse.stock["a"].held), (0, 0));
    }
}
