//! Writes products and publishes what really changed, in the same transaction.

use std::collections::BTreeMap;

use bus::Outbox;
use envelope::{Cause, Envelope};
use service::Problem;
use sqlx::{PgPool, Postgres, Transaction};

use crate::product::Product;
use crate::store::{self, Saved};

/// Writes products and publishes those that changed. Returns how many did. No SKU may be given twice.
pub async fn save(
    pool: &PgPool,
    outbox: &Outbox,
    products: &[Product],
    cause: &Cause,
) -> Result<usize, Problem> {
    let mut transaction = pool.begin().await?;
    let saved = store::save(&mut transaction, products).await?;
    publish(transaction, outbox, products, &saved, cause).await
}

/// Writes and publishes a product, unless there is one with its SKU. Returns whether there was none.
pub async fn create(
    pool: &PgPool,
    outbox: &Outbox,
    product: &Product,
    cause: &Cause,
) -> Result<bool, Problem> {
    let mut transaction = pool.begin().await?;
    let saved = store::create(&mut transaction, product).await?;
    Ok(publish(transaction, outbox, std::slice::from_ref(product), &saved, cause).await? > 0)
}

/// Publishes what was saved in a transaction, and commits it. Returns how many products that are.
pub async fn publish(
    transaction: Transaction<'static, Postgres>,
    outbox: &Outbox,
    products: &[Product],
    saved: &BTreeMap<String, Saved>,
    cause: &Cause,
) -> Result<usize, Problem> {
    let mut events = Vec::with_capacity(saved.len());
    for product in products {
        if let Some(saved) = saved.get(product.sku()) {
            events.extend(reports(product, *saved, outbox, cause)?);
        }
    }
    outbox.append_and_commit(transaction, events).await?;
    Ok(saved.len())
}

/// The events that report a product: whether it is sold, and what else there is to know.
fn reports(
    product: &Product,
    saved: Saved,
    outbox: &Outbox,
    cause: &Cause,
) -> Result<Vec<Envelope>, Problem> {
    let sold = match product.published_from().filter(|_| saved.awaits_publication) {
        Some(from) => outbox.wrap(&product.scheduled(from), cause)?,
        None => outbox.wrap(&product.changed(), cause)?,
    };
    let described = saved.is_described_anew.then(|| outbox.wrap(&product.described(), cause)).transpose()?;
    Ok([Some(sold), described].into_iter().flatten().collect())
}
