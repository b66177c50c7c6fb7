//! What the cart does on events: it keeps its own copies of products, of what inventory holds, and of what recommend
//! suggests.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler};
use envelope::{Envelope, EventSet};
use events::catalog::{ProductChanged, ProductEvent, ProductRetired, ProductScheduled};
use events::inventory::HoldEvent;
use events::recommend::{Suggested, SuggestionEvent, SuggestionsEnded};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::holds::{HoldChange, HoldReport};
use crate::store;

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
        match HoldReport::of(event) {
            (cart, HoldReport::Line { sku, change }) => drop(self.holds.insert((cart, sku), change)),
            (cart, HoldReport::All(holds)) => {
                self.holds.retain(|(of, _), _| *of != cart);
                self.all_holds_known.insert(cart);
                self.holds.extend(holds.into_iter().map(|(sku, hold)| ((cart, sku), Some(hold))));
            }
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
