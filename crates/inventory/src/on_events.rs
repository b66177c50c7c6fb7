//! What inventory does when a cart's lines change.

mod cart_changes;
mod effects;
mod merges;
mod published_outcomes;
mod released_stock;

use std::collections::BTreeSet;

use bus::{Failure, Handler, Outbox};
use envelope::Envelope;
use sqlx::PgConnection;

pub(crate) use self::cart_changes::{CartChange, CartChangeKind};
use self::effects::BatchEffects;
use self::merges::Merges;
pub(crate) use self::published_outcomes::PublishedOutcomes;
use self::released_stock::released_stock;
use crate::outgoing_events::OutgoingEvents;
use crate::stock::CartLine;
use crate::store::{self, KnownSkus};

/// Holds stock for carts as their events arrive.
pub struct Inventory {
    outbox: Outbox,
    low_at: i64,
    known: KnownSkus,
    published: PublishedOutcomes,
}

impl Inventory {
    /// Outcomes are written into this outbox. With `low_at` pieces available and fewer a product is low, where nothing else
    /// was said of it.
    #[must_use]
    pub fn new(outbox: Outbox, low_at: i64) -> Self {
        Self { outbox, low_at, known: KnownSkus::default(), published: PublishedOutcomes::default() }
    }

    /// Without these outcomes, which have been published.
    pub(crate) fn without(self, published: PublishedOutcomes) -> Self {
        Self { published, ..self }
    }
}

impl Handler for Inventory {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let changes = cart_changes::read(events)?;
        if changes.is_empty() {
            return Ok(());
        }
        let merges = Merges::of(&changes, connection).await?;
        let mut lines: BTreeSet<CartLine> = changes.iter().flat_map(CartChange::lines).collect();
        let whole: BTreeSet<_> = changes.iter().filter_map(CartChange::whole_cart).collect();
        if !whole.is_empty() {
            lines.extend(store::lines_of(connection, &whole).await?);
        }
        let mut before = store::lock_allocation(connection, &lines, &self.known).await?;
        let free = released_stock(&changes, &before);
        if !free.is_empty() {
            before.add_lines(store::waiting_for(connection, &free).await?);
        }
        let outgoing = OutgoingEvents::new(&self.outbox, self.low_at);
        let mut effects =
            BatchEffects { allocation: before.clone(), outgoing, merges, published: &self.published };
        for change in &changes {
            effects.apply(change)?;
        }
        let BatchEffects { allocation: after, outgoing, .. } = effects;
        store::save_allocation(connection, &before, &after).await?;
        self.outbox.append(connection, outgoing.into_events()).await?;
        Ok(())
    }
}
