//! The catalog: products and prices. It answers over REST, takes imports from operators, and publishes what changed.
//! It listens to no other service.

mod http;
mod product;
mod republishing;
mod restoring;
mod store;

use std::sync::Arc;

pub use republishing::republish;
pub use restoring::Published;
use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The catalog's settings.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// The settings that every service has.
    #[command(flatten)]
    pub service: service::Settings,
}

/// Starts the catalog: prepares its database, starts to publish, and returns its REST interface.
///
/// # Errors
/// When the database can't be reached or migrated, or a setting makes no sense.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn bus::Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let service =
        ServiceBuilder::open("catalog", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let (public, for_operators) = http::routes(service.pool.clone(), service.outbox());
    Ok(service.api(public, for_operators))
}
