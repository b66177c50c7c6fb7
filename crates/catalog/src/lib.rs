//! The catalog: products and prices. It answers over REST, finds products by their words, takes imports from operators,
//! and publishes what changed, and what is sold from a time on when that has come. It listens to no other service.

mod http;
mod importing;
mod on_timers;
mod product;
mod product_files;
mod publishing;
mod republishing;
mod restoring;
mod search;
mod search_engine;
mod store;

use std::sync::Arc;

pub use republishing::republish;
pub use restoring::Published;
use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;

use importing::Imports;
use on_timers::Publications;
use publishing::Publisher;
use search_engine::SearchEngine;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The catalog's settings.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// The settings that every service has.
    #[command(flatten)]
    pub service: service::Settings,

    /// Seconds for which browsers and caches may show products without asking again
    #[arg(long, env = "CARTWHEEL_CATALOG_CACHE_SECONDS", default_value_t = 30)]
    pub catalog_cache_seconds: u32,
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
    let mut service =
        ServiceBuilder::open("catalog", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let search = SearchEngine::new(service.pool.clone());
    let (products, tables) = (search.clone(), search.clone());
    let (health, stop) = (service.health("search"), lifecycle.stop());
    service.run("search", async move {
        stop.run_until_cancelled(products.keep_products(health)).await;
    });
    let stop = lifecycle.stop();
    service.run("tables of the search", async move {
        stop.run_until_cancelled(Box::pin(tables.keep_tables())).await;
    });
    service.fire_timers(Publications { outbox: service.outbox() });
    let publisher =
        Publisher { pool: service.pool.clone(), outbox: service.outbox(), timers: service.timers() };
    let imports = Imports::new(publisher.clone());
    let (writer, stop) = (imports.clone(), lifecycle.stop());
    service.run("imports", async move {
        stop.run_until_cancelled(writer.write()).await;
    });
    let state = http::RouteState { pool: service.pool.clone(), publisher, search, imports };
    let (public, for_operators) = http::routes(state, settings.catalog_cache_seconds);
    Ok(service.api(public, for_operators))
}
