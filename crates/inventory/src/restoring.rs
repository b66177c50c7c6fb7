//! What inventory does after its database was restored from a backup: its own events say what was in stock and held.

mod applying;
mod handled_cart_events;
mod merged_carts;
mod state_change;

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bus::{Failure, Outbox, OwnEvents};
use envelope::Envelope;
use sqlx::PgConnection;
use uuid::Uuid;

use self::applying::LastOnHand;
use self::handled_cart_events::{Handled, HandledCartEvents};
use self::merged_carts::{SeenMerges, TakenOver};
use self::state_change::{OwnEvent, StateChange};
use crate::on_events::{CartChange, Inventory, PublishedOutcomes};
use crate::stock::{CartLine, Reason};
use crate::store::{self, KnownSkus};

/// Stock and holds as they were published.
#[derive(Default)]
pub struct Published {
    last_on_hand: Mutex<LastOnHand>,
    cart_events: Mutex<HandledCartEvents>,
    merges: Mutex<SeenMerges>,
    outcomes: PublishedOutcomes,
}

impl OwnEvents for Published {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let events = events.iter().filter_map(|event| OwnEvent::read(event).transpose());
        let events = events.collect::<Result<Vec<_>, _>>()?;
        self.write(events.iter().map(|event| &event.change), connection).await?;
        let mut cart_events = locked(&self.cart_events);
        for event in &events {
            cart_events.record(event);
        }
        Ok(())
    }

    /// Every change of a cart's line leads to an event about its hold.
    async fn known(
        &self,
        others: &[&Envelope],
        outbox: &Outbox,
        connection: &mut PgConnection,
    ) -> Result<HashSet<Uuid>, Failure> {
        let (known, moved, taken_over) = self.recognise(others);
        self.write(moved.iter(), connection).await?;
        taken_over.end(outbox, connection).await?;
        Ok(known)
    }
}

impl Published {
    /// What handles carts' events meanwhile: where only some outcomes of an event are in the log, it publishes the others.
    #[must_use]
    pub fn handler(&self, outbox: Outbox) -> Inventory {
        Inventory::new(outbox, 0).without(self.outcomes.clone())
    }

    /// The events that were handled fully, and what the effects of merges don't say about the carts that were taken over.
    fn recognise<'a>(&self, others: &[&'a Envelope]) -> (HashSet<Uuid>, Vec<StateChange>, TakenOver<'a>) {
        let (cart_events, mut merges) = (locked(&self.cart_events), locked(&self.merges));
        let (mut known, mut moved, mut taken_over) = (HashSet::new(), Vec::new(), TakenOver::default());
        for event in others.iter().filter(|event| cart_events.may_include(event)) {
            // The handler refuses what can't be read.
            let Ok(Some(change)) = CartChange::read(event) else { continue };
            let handled = cart_events.how_far(&change);
            moved.extend(merged_carts::moved(&change, &handled));
            merges.add(&change, &handled, &cart_events, &mut taken_over);
            match handled {
                Handled::Fully => _ = known.insert(event.id),
                Handled::Partly(skus) => self.outcomes.add(event.id, &skus),
                Handled::No => {}
            }
        }
        (known, moved, taken_over)
    }

    async fn write(
        &self,
        changes: impl Iterator<Item = &StateChange> + Clone,
        connection: &mut PgConnection,
    ) -> Result<(), Failure> {
        let mut skus: BTreeSet<String> = locked(&self.last_on_hand).exceeded().collect();
        let (mut lines, mut ended) = (BTreeSet::<CartLine>::new(), BTreeSet::new());
        for change in changes.clone() {
            match change {
                StateChange::OnHand { sku, .. } => _ = skus.insert(sku.clone()),
                StateChange::Hold { line, .. } | StateChange::HoldLapsed { line } => {
                    _ = lines.insert(line.clone());
                }
                StateChange::HoldsEnded { cart_id } => _ = ended.insert(*cart_id),
            }
        }
        if !ended.is_empty() {
            lines.extend(store::lines_of(connection, &ended).await?);
        }
        skus.extend(lines.iter().map(|line| line.sku.clone()));
        if skus.is_empty() {
            return Ok(());
        }
        let skus = skus.iter().map(String::as_str).collect();
        let before = store::lock_allocation_of(connection, &skus, &lines, &KnownSkus::default()).await?;
        let mut after = before.clone();
        locked(&self.last_on_hand).apply(&mut after, changes);
        store::save_allocation(connection, &before, &after).await?;
        store::record(connection, &before.stock, &after.stock, Reason::Unrecorded).await?;
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
