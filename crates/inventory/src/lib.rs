//! Inventory: the stock of each SKU, goods that come in, and what is held for carts.
//!
//! A cart's line gets what there is when its event is taken, all that it wants or a part of it, and never more than
//! there is; what becomes of it is published as `inventory.stock-held.v1`, `inventory.stock-short.v1` or
//! `inventory.stock-released.v1`.
//!
//! In this version a shortage stays one: neither a receipt nor what another cart gives back fills it by itself. The
//! line gets more when its quantity is changed or something is added to it.

pub mod entries;
mod http;
mod on_events;
pub mod stock;
mod store;

use std::sync::Arc;

use service::{Api, Base, Lifecycle};
use sqlx::migrate::Migrator;

pub use on_events::Inventory;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// What the inventory service needs to be told.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// What every service needs.
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
    let mut base = Base::open("inventory", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let (public, for_operators) = http::routes(base.pool.clone(), base.outbox());
    base.consume(Inventory::new(base.outbox()));
    Ok(base.api(public, for_operators))
}
