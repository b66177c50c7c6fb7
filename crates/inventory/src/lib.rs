//! Inventory: the stock of each SKU, goods that come in, and what is held for carts.
//!
//! A cart's line gets what there is when its event is taken, all that it wants or a part of it, and never more than
//! there is; the outcome is published as `inventory.stock-held.v1`, `inventory.stock-short.v1` or
//! `inventory.stock-released.v1`.
//!
//! In this version a shortage stays one: neither a receipt nor what another cart gives back fills it by itself. The
//! line gets more when its quantity is changed or something is added to it.

mod http;
mod on_events;
mod republishing;
mod restoring;
pub mod stock;
mod store;

use std::sync::Arc;

use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;

pub use on_events::Inventory;
pub use republishing::{republish_holds, republish_stock};
pub use restoring::Published;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The inventory service's settings.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// The settings that every service has.
    #[command(flatten)]
    pub service: service::Settings,
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
    let (public, for_operators) = http::routes(service.pool.clone(), service.outbox());
    service.consume(Inventory::new(service.outbox()));
    Ok(service.api(public, for_operators))
}
