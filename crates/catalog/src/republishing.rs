//! Publishes again what the products are.

use bus::Outbox;
use envelope::Cause;
use events::catalog::{ProductEvent, ProductRetired};
use sqlx::PgPool;

use crate::product::{Details, Product};
use crate::store;

/// Publishes a snapshot of each product. Returns how many there are.
///
/// # Errors
/// When the database can't be read or written.
pub async fn republish(pool: &PgPool, outbox: &Outbox) -> anyhow::Result<usize> {
    outbox
        .republish(pool, ProductEvent::AGGREGATE.name(), async |connection, skus| {
            let cause = Cause::started_by("republish");
            let mut events = Vec::with_capacity(skus.len());
            for stored in store::find_all(connection, &skus).await? {
                let (retired, awaits_publication) = (stored.retired, stored.awaits_publication);
                let product = Product::from(stored);
                let sold = match product.published_from().filter(|_| awaits_publication) {
                    Some(from) => outbox.wrap(&product.scheduled(from), &cause)?,
                    None => outbox.wrap(&product.changed(), &cause)?,
                };
                events.push(sold.as_snapshot());
                if *product.details() != Details::default() {
                    events.push(outbox.wrap(&product.described(), &cause)?);
                }
                if retired {
                    events.push(outbox.wrap(&ProductRetired { sku: product.sku().to_owned() }, &cause)?);
                }
            }
            anyhow::Ok(events)
        })
        .await
}
