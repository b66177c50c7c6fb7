//! Fills the queues, for consumers to drain.

use chrono::Utc;
use ruststream_lapin::prelude::*;
use uuid::Uuid;

use crate::topology::{self, ItemAdded};

const ADDITIONS_A_CART: usize = 10;
const SKUS: usize = 1000;
const UNCONFIRMED: usize = 200;

/// Publishes this many events.
pub async fn fill(count: usize) -> anyhow::Result<()> {
    topology::declare().await?;
    let broker = topology::broker()?.bindable();
    let events = broker.bind(topology::publish());
    let app = RustStream::new(AppInfo::new("fill", "0.1.0")).with_broker(broker, |_| {});
    let running = app.start().await?;
    let events = running.publisher(events).await?;
    let carts: Vec<Uuid> = (0..count).step_by(ADDITIONS_A_CART).map(|_| Uuid::new_v4()).collect();
    for first in (0..count).step_by(UNCONFIRMED) {
        let mut unconfirmed = events.owned_transaction().await?;
        for number in first..count.min(first + UNCONFIRMED) {
            let event = ItemAdded {
                id: Uuid::new_v4(),
                cart: carts[number / ADDITIONS_A_CART],
                sku: format!("SKU-{:04}", number % SKUS + 1),
                quantity: 1,
                version: i32::try_from(number % ADDITIONS_A_CART + 1)?,
                time: Utc::now(),
            };
            unconfirmed.message(&event).publish().await?;
        }
        unconfirmed.commit().await?;
    }
    Ok(running.shutdown().await?)
}
