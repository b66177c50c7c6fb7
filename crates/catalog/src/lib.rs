//! The catalog: products and prices. It answers over REST, takes imports from operators, and publishes what changed.
//! It listens to nobody.

mod http;
mod product;
mod store;

use std::sync::Arc;

use service::{Api, Base, Lifecycle};
use sqlx::migrate::Migrator;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// What the catalog needs to be told.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// What every service needs to be told.
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
    let base = Base::open("catalog", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let (public, for_operators) = http::routes(base.pool.clone(), base.outbox());
    Ok(base.api(public, for_operators))
}
