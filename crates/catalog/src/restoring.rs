//! What the catalog does after its database was restored from a backup: its own events tell what its products are.

use bus::{Failure, OwnEvents};
use envelope::{Envelope, EventSet};
use events::catalog::{ProductEvent, ProductRetired};
use sqlx::PgConnection;

use crate::product::Product;
use crate::store;

/// Products as they were published.
pub struct Published;

impl OwnEvents for Published {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        for event in events {
            match ProductEvent::read(event)? {
                Some(ProductEvent::ProductChanged(product)) => {
                    store::save(connection, &[Product::from(product)]).await?;
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
