//! What the catalog does when a time has come: products that are sold from then on are published.

use bus::{DueTimer, Failure, Outbox, TimerHandler};
use envelope::Cause;
use sqlx::PgConnection;

use crate::product::Product;
use crate::store;

/// The kind of the timers. The key is the SKU.
pub const PUBLICATION: &str = "publication";

/// Publishes products whose time has come.
pub struct Publications {
    /// Where the events are written.
    pub outbox: Outbox,
}

impl TimerHandler for Publications {
    const KINDS: &'static [&'static str] = &[PUBLICATION];

    async fn lock(&self, timers: &[DueTimer], connection: &mut PgConnection) -> Result<(), Failure> {
        Ok(store::lock(connection, &skus(timers)).await?)
    }

    /// A product that was changed, withdrawn or retired meanwhile awaits no publication, or has another timer.
    async fn fire(&self, timers: &[DueTimer], connection: &mut PgConnection) -> Result<(), Failure> {
        let cause = Cause::started_by("publication");
        let mut events = Vec::new();
        for product in store::publish_due(connection, &skus(timers)).await?.into_iter().map(Product::from) {
            events.push(self.outbox.wrap(&product.changed(), &cause)?);
        }
        self.outbox.append(connection, events).await?;
        Ok(())
    }
}

fn skus(timers: &[DueTimer]) -> Vec<String> {
    let mut skus: Vec<String> = timers.iter().map(|timer| timer.key.clone()).collect();
    skus.sort();
    skus
}
