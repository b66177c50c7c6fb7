//! What the cart does on events: it keeps its own copy of products of what inventory decided, and of what
//! recommend suggests.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler};
use envelope::Envelope;
use events::catalog::{ProductChanged, ProductRetired};
use events::inventory::{StockHeld, StockReleased, StockShort};
use events::recommend::{Suggested, SuggestionsChanged};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::store::{self, Hold, HoldChange};

/// Copies products, holds and suggestions.
pub struct Copies;

/// The last word of a batch on everything that it speaks of.
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
        if let Some(product) = event.read::<ProductChanged>()? {
            self.retired.remove(&product.sku);
            self.changed.insert(product.sku.clone(), product);
        } else if let Some(ProductRetired { sku }) = event.read()? {
            self.retired.insert(sku);
        } else if let Some(StockHeld { cart_id, sku, held }) = event.read()? {
            self.holds.insert((cart_id, sku), Some(Hold { wanted: held, held }));
        } else if let Some(StockShort { cart_id, sku, wanted, held }) = event.read()? {
            self.holds.insert((cart_id, sku), Some(Hold { wanted, held }));
        } else if let Some(StockReleased { cart_id, sku, .. }) = event.read()? {
            self.holds.insert((cart_id, sku), None);
        } else if let Some(SuggestionsChanged { cart_id, suggestions, .. }) = event.read()? {
            self.suggestions.insert(cart_id, suggestions);
        }
        Ok(())
    }
}
