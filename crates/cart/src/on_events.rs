//! What the cart does on events: it keeps its own copies of products, of what inventory holds, and of what recommend
//! suggests.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler};
use envelope::{Envelope, EventSet};
use events::catalog::{ProductChanged, ProductEvent, ProductRetired, ProductScheduled};
use events::inventory::{
    HoldEvent, HoldSnapshot, HoldsEnded, HoldsSnapshot, StockHeld, StockReleased, StockShort,
};
use events::recommend::{Suggested, SuggestionEvent, SuggestionsEnded};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::store::{self, Hold, HoldChange};

/// Copies products, holds and suggestions.
pub struct Copies;

/// How a batch of events leaves everything that they are about.
#[derive(Default)]
struct LatestCopies {
    changed: BTreeMap<String, ProductChanged>,
    retired: BTreeSet<String>,
    holds: BTreeMap<(Uuid, String), HoldChange>,
    /// None for carts that have ended.
    suggestions: BTreeMap<Uuid, Option<Vec<Suggested>>>,
    /// Carts of which all holds are known: those that were known before are void.
    all_holds_known: BTreeSet<Uuid>,
}

impl Handler for Copies {
    const PROJECTS: bool = true;

    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let mut latest = LatestCopies::default();
        for event in events {
            latest.take(event)?;
        }
        if !latest.changed.is_empty() {
            store::products_changed(connection, &latest.changed).await?;
        }
        if !latest.retired.is_empty() {
            store::products_retired(connection, &latest.retired).await?;
        }
        if !latest.all_holds_known.is_empty() {
            store::forget_holds(connection, &latest.all_holds_known).await?;
        }
        if !latest.holds.is_empty() {
            store::holds_changed(connection, &latest.holds).await?;
        }
        if !latest.suggestions.is_empty() {
            store::suggestions_changed(connection, &latest.suggestions).await?;
        }
        Ok(())
    }

    async fn clear(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        store::clear_copies(connection).await
    }
}

impl LatestCopies {
    fn take(&mut self, event: &Envelope) -> Result<(), Failure> {
        if let Some(event) = ProductEvent::read(event)? {
            self.take_product(event);
        } else if let Some(event) = HoldEvent::read(event)? {
            self.take_hold(event);
        } else if let Some(event) = SuggestionEvent::read(event)? {
            self.take_suggestions(event);
        }
        Ok(())
    }

    fn take_product(&mut self, event: ProductEvent) {
        match event {
            ProductEvent::ProductChanged(product) => {
                self.retired.remove(&product.sku);
                self.changed.insert(product.sku.clone(), product);
            }
            ProductEvent::ProductRetired(ProductRetired { sku })
            | ProductEvent::ProductScheduled(ProductScheduled { sku, .. }) => {
                self.retired.insert(sku);
            }
            ProductEvent::ProductDescribed(_) => {}
        }
    }

    fn take_hold(&mut self, event: HoldEvent) {
        let (cart_id, sku, hold) = match event {
            HoldEvent::StockHeld(StockHeld { cart_id, sku, held, .. }) => {
                (cart_id, sku, Some(Hold { wanted: held, held }))
            }
            HoldEvent::StockShort(StockShort { cart_id, sku, wanted, held, .. }) => {
                (cart_id, sku, Some(Hold { wanted, held }))
            }
            HoldEvent::StockReleased(StockReleased { cart_id, sku, .. }) => (cart_id, sku, None),
            HoldEvent::HoldsSnapshot(snapshot) => return self.take_snapshot(snapshot),
            HoldEvent::HoldsEnded(HoldsEnded { cart_id }) => {
                return self.take_snapshot(HoldsSnapshot { cart_id, holds: Vec::new() });
            }
        };
        self.holds.insert((cart_id, sku), hold);
    }

    fn take_snapshot(&mut self, HoldsSnapshot { cart_id, holds }: HoldsSnapshot) {
        self.holds.retain(|(cart, _), _| *cart != cart_id);
        self.all_holds_known.insert(cart_id);
        for HoldSnapshot { sku, wanted, held } in holds {
            self.holds.insert((cart_id, sku), Some(Hold { wanted, held }));
        }
    }

    fn take_suggestions(&mut self, event: SuggestionEvent) {
        let (cart_id, suggestions) = match event {
            SuggestionEvent::SuggestionsChanged(changed) => (changed.cart_id, Some(changed.suggestions)),
            SuggestionEvent::SuggestionsEnded(SuggestionsEnded { cart_id }) => (cart_id, None),
        };
        self.suggestions.insert(cart_id, suggestions);
    }
}
