//! Publishes again what the products are.

use bus::Outbox;
use envelope::Cause;
use events::catalog::{ProductChanged, ProductEvent, ProductRetired};
use sqlx::PgPool;

use crate::store::{self, StoredProduct};

/// Publishes a snapshot of each product. Returns how many there are.
///
/// # Errors
/// When the database can't be read or written.
pub async fn republish(pool: &PgPool, outbox: &Outbox) -> anyhow::Result<usize> {
    outbox
        .republish(pool, ProductEvent::AGGREGATE.name(), async |connection, skus| {
            let cause = Cause::started_by("republish");
            let mut events = Vec::with_capacity(skus.len());
            for StoredProduct { sku, name, description, price, retired } in
                store::find_all(connection, &skus).await?
            {
                let changed = ProductChanged { sku: sku.clone(), name, description, price };
                events.push(outbox.wrap(&changed, &cause)?.as_snapshot());
                if retired {
                    events.push(outbox.wrap(&ProductRetired { sku }, &cause)?);
                }
            }
            anyhow::Ok(events)
        })
        .await
}
