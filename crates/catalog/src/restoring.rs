//! What the catalog does after its database was restored from a backup: its own events tell what its products are.

use bus::{Failure, OwnEvents, Timers};
use envelope::{Envelope, EventSet};
use events::catalog::{ProductDescribed, ProductEvent, ProductRetired};
use sqlx::PgConnection;

use crate::product::Product;
use crate::publishing::set_timers;
use crate::store::{self, StoredProduct};

/// Products as they were published.
pub struct Published;

impl OwnEvents for Published {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        for event in events {
            match ProductEvent::read(event)? {
                Some(ProductEvent::ProductChanged(changed)) => sold(changed.into(), connection).await?,
                Some(ProductEvent::ProductScheduled(scheduled)) => sold(scheduled.into(), connection).await?,
                Some(ProductEvent::ProductDescribed(described)) => {
                    self::described(described, connection).await?;
                }
                Some(ProductEvent::ProductRetired(ProductRetired { sku })) => {
                    store::retire(connection, &sku).await?;
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// What is sold, and from when, is reported without the details.
async fn sold(product: Product, connection: &mut PgConnection) -> sqlx::Result<()> {
    let kept = find(product.sku(), connection).await?;
    let product = product.with(kept.map(|kept| kept.details).unwrap_or_default());
    save(product, connection).await
}

/// The details follow what is sold.
async fn described(described: ProductDescribed, connection: &mut PgConnection) -> sqlx::Result<()> {
    if let Some(kept) = find(&described.sku, connection).await? {
        save(Product::from(kept).with(described.into()), connection).await?;
    }
    Ok(())
}

async fn save(product: Product, connection: &mut PgConnection) -> sqlx::Result<()> {
    let products = [product];
    let saved = store::save(connection, &products).await?;
    // They fire once the service runs again.
    set_timers(&Timers::default(), &products, &saved, connection).await
}

async fn find(sku: &str, connection: &mut PgConnection) -> sqlx::Result<Option<StoredProduct>> {
    Ok(store::find_all(connection, &[sku.to_owned()]).await?.pop())
}
