//! What recommend does on events: it learns from carts, and keeps a copy of the catalog's products.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler};
use envelope::Envelope;
use events::cart::{ItemAdded, ItemQuantityChanged, ItemRemoved};
use events::catalog::{ProductChanged, ProductRetired};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Basket, Change, Pairs};
use crate::store::{self, Row};

/// Takes the events of carts and of the catalog.
pub struct Recommend;

/// What a batch of events says, in their order.
#[derive(Default)]
struct Batch {
    changes: Vec<(Uuid, Change)>,
    /// By SKU; a batch may retire a product whose name it doesn't tell.
    products: BTreeMap<String, ProductNews>,
}

/// The last that a batch says of a product.
#[derive(Debug, Default, PartialEq, Eq)]
struct ProductNews {
    name: Option<String>,
    retired: bool,
}

impl Handler for Recommend {
    const PROJECTS: bool = true;

    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let batch = Batch::read(events)?;
        learn(&batch.changes, connection).await?;
        copy(&batch.products, connection).await?;
        Ok(())
    }

    async fn forget(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        store::forget(connection).await
    }
}

/// The carts' positions, locked by the consumer, keep others from their items; the pairs are shared by all carts and
/// are locked in sorted order.
async fn learn(changes: &[(Uuid, Change)], connection: &mut PgConnection) -> sqlx::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let touched: BTreeSet<(Uuid, &str)> =
        changes.iter().map(|(cart, change)| (*cart, change.sku())).collect();
    let mut baskets: BTreeMap<Uuid, Basket> = BTreeMap::new();
    for Row { cart_id, sku, item } in store::items(connection, &touched).await? {
        baskets.entry(cart_id).or_default().insert(sku, item);
    }
    let mut pairs = Pairs::default();
    for (cart, change) in changes {
        baskets.entry(*cart).or_default().apply(change, &mut pairs);
    }
    let (mut present, mut gone) = (Vec::new(), Vec::new());
    for (cart, sku) in touched {
        match baskets.get(&cart).and_then(|basket| basket.get(sku)) {
            Some(item) => present.push((cart, sku, *item)),
            None => gone.push((cart, sku)),
        }
    }
    store::write_items(connection, &present).await?;
    store::delete_items(connection, &gone).await?;
    store::add_pairs(connection, &pairs).await
}

async fn copy(products: &BTreeMap<String, ProductNews>, connection: &mut PgConnection) -> sqlx::Result<()> {
    let (mut known, mut retired) = (Vec::new(), Vec::new());
    for (sku, news) in products {
        match &news.name {
            Some(name) => known.push((sku.as_str(), name.as_str(), news.retired)),
            None => retired.push(sku.as_str()),
        }
    }
    store::write_products(connection, &known).await?;
    store::retire_products(connection, &retired).await
}

impl Batch {
    fn read(events: &[&Envelope]) -> Result<Self, Failure> {
        let mut batch = Self::default();
        for event in events {
            batch.add(event)?;
        }
        Ok(batch)
    }

    fn add(&mut self, event: &Envelope) -> Result<(), Failure> {
        if let Some(ItemAdded { cart_id, sku, line_quantity, .. }) = event.read()? {
            self.put(event, cart_id, sku, line_quantity)?;
        } else if let Some(ItemQuantityChanged { cart_id, sku, to, .. }) = event.read()? {
            self.put(event, cart_id, sku, to)?;
        } else if let Some(ItemRemoved { cart_id, sku, .. }) = event.read()? {
            expect_subject(event, &cart_id.to_string())?;
            self.changes.push((cart_id, Change::Take { sku }));
        } else if let Some(ProductChanged { sku, name, .. }) = event.read()? {
            expect_subject(event, &sku)?;
            self.products.insert(sku, ProductNews { name: Some(name), retired: false });
        } else if let Some(ProductRetired { sku }) = event.read()? {
            expect_subject(event, &sku)?;
            self.products.entry(sku).or_default().retired = true;
        }
        Ok(())
    }

    /// The cart's version tells the order in which its products came.
    fn put(&mut self, event: &Envelope, cart: Uuid, sku: String, quantity: i64) -> Result<(), Failure> {
        expect_subject(event, &cart.to_string())?;
        if quantity < 1 {
            return Err(Failure::permanent(format!("{} with a quantity of {quantity}", event.kind)));
        }
        self.changes.push((cart, Change::Put { sku, quantity, place: event.sequence }));
        Ok(())
    }
}

/// The order of events, and the lock that keeps it, hold per subject: they must be about what they say.
fn expect_subject(event: &Envelope, about: &str) -> Result<(), Failure> {
    if event.subject == about {
        return Ok(());
    }
    Err(Failure::permanent(format!("{} about '{about}' has the subject '{}'", event.kind, event.subject)))
}
