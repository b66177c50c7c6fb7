//! What the cart does on events: it keeps its own copies of products, of what inventory holds, and of what recommend
//! suggests.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler};
use envelope::{Envelope, EventSet};
use events::catalog::{ProductChanged, ProductEvent, ProductRetired};
use events::inventory::{HoldEvent, StockHeld, StockReleased, StockShort};
use events::recommend::{Suggested, SuggestionEvent, SuggestionsChanged};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::store::{self, Hold, HoldChange};

/// Copies products, holds and suggestions.
pub struct Copies;

/// How a batch leaves everything that its events are about.
#[derive(Default)]
struct Batch {
    changed: BTreeMap<String, ProductChanged>,
    retired: BTreeSet<String>,
    holds: BTreeMap<(Uuid, String), HoldChange>,
    suggestions: BTreeMap<Uuid, Vec<Suggested>>,
}

impl Handler for Copies {
    const PROJECTS: bool = true;

    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let mut batch = Batch::default();
        for event in events {
            batch.take(event)?;
        }
        if !batch.changed.is_empty() {
            store::products_changed(connection, &batch.changed).await?;
        }
        if !batch.retired.is_empty() {
            store::products_retired(connection, &batch.retired).await?;
        }
        if !batch.holds.is_empty() {
            store::holds_changed(connection, &batch.holds).await?;
        }
        if !batch.suggestions.is_empty() {
            store::suggestions_changed(connection, &batch.suggestions).await?;
        }
        Ok(())
    }

    async fn forget(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        store::forget_copies(connection).await
    }
}

impl Batch {
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
            ProductEvent::ProductRetired(ProductRetired { sku }) => {
                self.retired.insert(sku);
            }
        }
    }

    fn take_hold(&mut self, event: HoldEvent) {
        let (cart_id, sku, hold) = match event {
            HoldEvent::StockHeld(StockHeld { cart_id, sku, held }) => {
                (cart_id, sku, Some(Hold { wanted: held, held }))
            }
            HoldEvent::StockShort(StockShort { cart_id, sku, wanted, held }) => {
                (cart_id, sku, Some(Hold { wanted, held }))
            }
            HoldEvent::StockReleased(StockReleased { cart_id, sku, .. }) => (cart_id, sku, None),
        };
        self.holds.insert((cart_id, sku), hold);
    }

    fn take_suggestions(&mut self, event: SuggestionEvent) {
        let SuggestionEvent::SuggestionsChanged(SuggestionsChanged { cart_id, suggestions, .. }) = event;
        self.suggestions.insert(cart_id, suggestions);
    }
}
