//! Writes products and publishes what really changed, in the same transaction.

use std::collections::BTreeMap;

use bus::{Due, Outbox, Timer, Timers};
use envelope::{Cause, Envelope};
use events::catalog::ProductRetired;
use service::Problem;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::on_timers::PUBLICATION;
use crate::product::Product;
use crate::store::{self, Retired, Saved};

/// Writes products of one database. Cheap to clone.
#[derive(Clone)]
pub struct Publisher {
    /// The database.
    pub pool: PgPool,
    /// Where events are written.
    pub outbox: Outbox,
    /// Where it is set when products are published that are not sold before a time.
    pub timers: Timers,
}

impl Publisher {
    /// Writes products and publishes those that changed. Returns how many did. No SKU may be given twice.
    pub async fn save(&self, products: &[Product], cause: &Cause) -> Result<usize, Problem> {
        let mut transaction = self.pool.begin().await?;
        let saved = store::save(&mut transaction, products).await?;
        self.publish(transaction, products, &saved, cause).await
    }

    /// Writes and publishes a product, unless there is one with its SKU. Returns whether there was none.
    pub async fn create(&self, product: &Product, cause: &Cause) -> Result<bool, Problem> {
        let mut transaction = self.pool.begin().await?;
        let saved = store::create(&mut transaction, product).await?;
        Ok(self.publish(transaction, std::slice::from_ref(product), &saved, cause).await? > 0)
    }

    /// Retires a product and publishes that.
    pub async fn retire(&self, sku: &str, cause: &Cause) -> Result<Retired, Problem> {
        let mut transaction = self.pool.begin().await?;
        let retired = store::retire(&mut transaction, sku).await?;
        if retired == Retired::Now {
            let event = self.outbox.wrap(&ProductRetired { sku: sku.to_owned() }, cause)?;
            self.outbox.append_and_commit(transaction, vec![event]).await?;
        }
        Ok(retired)
    }

    /// Writes products and publishes those that changed, in the transaction of the caller, who commits it with the outbox.
    /// Returns how many did. No SKU may be given twice.
    pub async fn save_in(
        &self,
        connection: &mut PgConnection,
        products: &[Product],
        cause: &Cause,
    ) -> Result<usize, Problem> {
        let saved = store::save(connection, products).await?;
        let events = self.all_reports(products, &saved, cause)?;
        set_timers(&self.timers, products, &saved, connection).await?;
        self.outbox.append(connection, events).await?;
        Ok(saved.len())
    }

    /// Publishes what was saved in a transaction, and commits it. Returns how many products that are.
    async fn publish(
        &self,
        mut transaction: Transaction<'static, Postgres>,
        products: &[Product],
        saved: &BTreeMap<String, Saved>,
        cause: &Cause,
    ) -> Result<usize, Problem> {
        let events = self.all_reports(products, saved, cause)?;
        set_timers(&self.timers, products, saved, &mut transaction).await?;
        self.outbox.append_and_commit(transaction, events).await?;
        Ok(saved.len())
    }

    fn all_reports(
        &self,
        products: &[Product],
        saved: &BTreeMap<String, Saved>,
        cause: &Cause,
    ) -> Result<Vec<Envelope>, Problem> {
        let mut events = Vec::with_capacity(saved.len());
        for product in products {
            if let Some(saved) = saved.get(product.sku()) {
                events.extend(self.reports(product, *saved, cause)?);
            }
        }
        Ok(events)
    }

    /// The events that report a product: whether it is sold, and what else there is to know.
    fn reports(&self, product: &Product, saved: Saved, cause: &Cause) -> Result<Vec<Envelope>, Problem> {
        let sold = match product.published_from().filter(|_| saved.awaits_publication) {
            Some(from) => self.outbox.wrap(&product.scheduled(from), cause)?,
            None => self.outbox.wrap(&product.changed(), cause)?,
        };
        let described =
            saved.is_described_again.then(|| self.outbox.wrap(&product.described(), cause)).transpose()?;
        Ok([Some(sold), described].into_iter().flatten().collect())
    }
}

/// Sets when saved products are published whose time is still to come. Their rows are locked.
pub async fn set_timers(
    timers: &Timers,
    products: &[Product],
    saved: &BTreeMap<String, Saved>,
    connection: &mut PgConnection,
) -> sqlx::Result<()> {
    let awaits = |product: &&Product| saved.get(product.sku()).is_some_and(|saved| saved.awaits_publication);
    let set: Vec<Timer<'_>> = products
        .iter()
        .filter(awaits)
        .filter_map(|product| {
            let due = Due::At(product.published_from()?);
            Some(Timer { kind: PUBLICATION, key: product.sku(), due })
        })
        .collect();
    timers.set(connection, &set).await
}
