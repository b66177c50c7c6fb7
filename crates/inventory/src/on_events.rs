//! What inventory does when a cart's lines change.

mod changes;

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler, Outbox, OutboxError};
use envelope::Envelope;
use events::inventory::{AvailabilityChanged, HoldsEnded, StockHeld, StockReleased, StockShort};
use sqlx::PgConnection;

use self::changes::{Change, Changes, carts_told_whole};
use crate::stock::{CartLine, Outcome, Warehouse, availability_changed};
use crate::store;

/// Holds stock for carts as their events arrive.
pub struct Inventory {
    outbox: Outbox,
}

impl Inventory {
    /// Outcomes are written into this outbox.
    #[must_use]
    pub fn new(outbox: Outbox) -> Self {
        Self { outbox }
    }

    /// Makes a change, and returns what it brought about.
    fn make(&self, change: &Change<'_>, warehouse: &mut Warehouse) -> Result<Vec<Envelope>, OutboxError> {
        if change.says_nothing_new(warehouse) {
            return Ok(Vec::new());
        }
        let sku = &change.line.sku;
        let before = warehouse.available(sku);
        let mut answers = Vec::new();
        // In one step with what follows: nobody else gets what moves from one cart to another.
        if let Some(from) = change.from.as_ref().filter(|line| warehouse.holds.contains_key(line)) {
            let released = warehouse.set_wanted(from, 0);
            answers.push(self.answer(change, from, released)?);
        }
        let outcome = warehouse.set_wanted(&change.line, change.wanted);
        answers.push(self.answer(change, &change.line, outcome)?);
        let available = warehouse.available(sku);
        if availability_changed(before, available) {
            let event = AvailabilityChanged { sku: sku.clone(), available };
            answers.push(self.outbox.wrap(&event, &change.event.as_cause())?);
        }
        Ok(answers)
    }

    fn answer(
        &self,
        change: &Change<'_>,
        line: &CartLine,
        outcome: Outcome,
    ) -> Result<Envelope, OutboxError> {
        let cause = change.event.as_cause();
        let CartLine { cart_id, sku } = line.clone();
        match outcome {
            Outcome::Held { held } => self.outbox.wrap(&StockHeld { cart_id, sku, held }, &cause),
            Outcome::Short { wanted, held } => {
                self.outbox.wrap(&StockShort { cart_id, sku, wanted, held }, &cause)
            }
            Outcome::Released { released } => {
                self.outbox.wrap(&StockReleased { cart_id, sku, released }, &cause)
            }
        }
    }
}

impl Handler for Inventory {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let whole = carts_told_whole(events)?;
        let held =
            if whole.is_empty() { BTreeMap::new() } else { store::held_for(connection, &whole).await? };
        let Changes { lines: changes, ended } = Changes::read(events, held)?;
        if changes.is_empty() && ended.is_empty() {
            return Ok(());
        }
        let lines: BTreeSet<&CartLine> = changes.iter().flat_map(Change::lines).collect();
        let before = store::lock_warehouse(connection, &lines).await?;
        let mut after = before.clone();
        let mut answers = Vec::with_capacity(changes.len());
        for change in &changes {
            answers.extend(self.make(change, &mut after)?);
        }
        // Last: nothing follows in what is held for a cart, as nothing follows in the cart.
        for (event, cart_id) in ended {
            answers.push(self.outbox.wrap(&HoldsEnded { cart_id }, &event.as_cause())?);
        }
        store::save_warehouse(connection, &before, &after).await?;
        self.outbox.append(connection, answers).await?;
        Ok(())
    }
}
