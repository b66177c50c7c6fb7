//! Inventory: the stock of each SKU, goods that come in, and what is held for carts.
//!
//! A cart's line gets what there is when its event is taken, all that it wants or a part of it, and never more than
//! there is; the outcome is published as `inventory.stock-held.v1`, `inventory.stock-short.v1` or
//! `inventory.stock-released.v1`.
//!
//! A line that is short waits. What comes free goes to the line that has been short for longest, in the transaction in which
//! it comes free; so while a line waits, nothing is available.
//!
//! What changes the pieces on hand is a movement in the ledger, which adds up to the stock. Holds are none.

mod http;
mod on_events;
mod outgoing_events;
mod republishing;
mod restoring;
pub mod stock;
mod store;
mod waiting_line_sweep;

use std::sync::Arc;

use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;

pub use on_events::Inventory;
pub use republishing::{republish_holds, republish_stock};
pub use restoring::Published;
pub use store::{LedgerDifference, ledger_differences};

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The inventory service's settings.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// The settings that every service has.
    #[command(flatten)]
    pub service: service::Settings,

    /// A product with this many pieces available, or fewer, is low, unless it has a threshold of its own; 0: it is never low
    #[arg(long, env = "CARTWHEEL_LOW_STOCK", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    pub low_stock: i64,
}

/// Starts the service: its relay and its consumer run until `lifecycle` stops.
///
/// # Errors
/// When the database can't be reached or migrated, or a setting makes no sense.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn bus::Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let mut service =
        ServiceBuilder::open("inventory", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let (public, for_operators) = http::routes(service.pool.clone(), service.outbox(), settings.low_stock);
    service.consume(Inventory::new(service.outbox(), settings.low_stock));
    let (pool, outbox) = (service.pool.clone(), service.outbox());
    let filling = waiting_line_sweep::sweep_waiting_lines(pool, outbox, settings.low_stock, lifecycle.stop());
    service.run("waiting line", filling);
    Ok(service.api(public, for_operators))
}
