//! What the answers to a merge leave open: they are about the cart that takes over, and don't name the other one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bus::{Failure, Outbox};
use envelope::Envelope;
use events::inventory::HoldsEnded;
use sqlx::PgConnection;
use uuid::Uuid;

use super::answered::{Answered, Extent};
use super::said::Said;
use crate::on_events::{CartChange, CartChangeKind};
use crate::stock::CartLine;
use crate::store;

/// The merges that were looked at: the event log may have an event twice.
#[derive(Default)]
pub(super) struct Merged(HashSet<Uuid>);

/// What is to become of the holds of carts that were taken over.
#[derive(Default)]
pub(super) struct TakenOver<'a> {
    /// They end with their own last event; now, by this one, if that was taken before.
    pub open: BTreeMap<Uuid, &'a Envelope>,
    /// They have ended.
    pub ended: BTreeSet<Uuid>,
}

/// What was answered was moved: the cart that was taken over has it no more.
pub(super) fn moved(change: &CartChange<'_>, extent: &Extent) -> Vec<Said> {
    let CartChangeKind::TakesOver { from, wanted } = &change.kind else { return Vec::new() };
    let released =
        |sku: &String| Said::Hold { line: CartLine { cart_id: *from, sku: sku.clone() }, wanted: 0, held: 0 };
    match extent {
        Extent::None => Vec::new(),
        Extent::Part(products) => products.iter().map(released).collect(),
        Extent::All => wanted.keys().map(released).collect(),
    }
}

impl Merged {
    /// Notes what is to become of the cart that was taken over.
    pub fn note<'a>(
        &mut self,
        change: &CartChange<'a>,
        extent: &Extent,
        answered: &Answered,
        taken_over: &mut TakenOver<'a>,
    ) {
        let CartChangeKind::TakesOver { from, .. } = change.kind else { return };
        if answered.has_ended(from) {
            taken_over.ended.insert(from);
        } else if *extent == Extent::All && self.0.insert(change.event.id) {
            taken_over.open.insert(from, change.event);
        }
    }
}

impl TakenOver<'_> {
    /// Ends the holds that are to end now.
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
