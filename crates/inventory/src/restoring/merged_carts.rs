//! What the effects of a merge leave open: they are about the cart that takes over, and don't name the other one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bus::{Failure, Outbox};
use envelope::Envelope;
use events::inventory::HoldsEnded;
use sqlx::PgConnection;
use uuid::Uuid;

use super::handled_cart_events::{Handled, HandledCartEvents};
use super::state_change::StateChange;
use crate::on_events::{CartChange, CartChangeKind};
use crate::stock::CartLine;
use crate::store;

/// Merges that have been dealt with: the event log may have an event twice.
#[derive(Default)]
pub(super) struct SeenMerges(HashSet<Uuid>);

/// What must happen to the holds of carts that were taken over.
#[derive(Default)]
pub(super) struct TakenOver<'a> {
    /// They end with their own last event; if that was taken before, they end now, because of this one.
    pub open: BTreeMap<Uuid, &'a Envelope>,
    /// They have ended.
    pub ended: BTreeSet<Uuid>,
}

/// What was handled was moved: the cart that was taken over no longer has it.
pub(super) fn moved(change: &CartChange<'_>, handled: &Handled) -> Vec<StateChange> {
    let CartChangeKind::TakesOver { from, wanted } = &change.kind else { return Vec::new() };
    let released = |sku: &String| StateChange::Hold {
        line: CartLine { cart_id: *from, sku: sku.clone() },
        wanted: 0,
        held: 0,
    };
    match handled {
        Handled::No => Vec::new(),
        Handled::Partly(products) => products.iter().map(released).collect(),
        Handled::Fully => wanted.keys().map(released).collect(),
    }
}

impl SeenMerges {
    /// Adds what must happen to the cart that was taken over.
    pub fn add<'a>(
        &mut self,
        change: &CartChange<'a>,
        handled: &Handled,
        cart_events: &HandledCartEvents,
        taken_over: &mut TakenOver<'a>,
    ) {
        let CartChangeKind::TakesOver { from, .. } = change.kind else { return };
        if cart_events.has_ended(from) {
            taken_over.ended.insert(from);
        } else if *handled == Handled::Fully && self.0.insert(change.event.id) {
            taken_over.open.insert(from, change.event);
        }
    }
}

impl TakenOver<'_> {
    /// Ends the holds that must end now.
    pub async fn end(self, outbox: &Outbox, connection: &mut PgConnection) -> Result<(), Failure> {
        store::forget_merges(&mut *connection, &self.ended).await?;
        let carts: BTreeSet<Uuid> = self.open.keys().copied().collect();
        let mut events = Vec::new();
        for cart_id in store::half_merged(&mut *connection, &carts).await? {
            events.push(outbox.wrap(&HoldsEnded { cart_id }, &self.open[&cart_id].as_cause())?);
        }
        outbox.append(connection, events).await?;
        Ok(())
    }
}
