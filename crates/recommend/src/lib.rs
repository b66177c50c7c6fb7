//! Recommendations: counts the products that meet in carts, as events arrive, and tells which ones go together.

mod http;
pub mod model;
mod on_events;
mod store;

use std::sync::Arc;

use service::{Api, Base, Lifecycle};
use sqlx::migrate::Migrator;

pub use on_events::Recommend;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// What recommend needs to be told.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// What every service needs to be told.
    #[command(flatten)]
    pub service: service::Settings,
}

/// Starts recommend: prepares its database, starts to take events, and returns its REST interface.
///
/// # Errors
/// When the database can't be reached or migrated, or a setting makes no sense.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn bus::Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let mut base = Base::open("recommend", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let public = http::routes(base.pool.clone(), base.cart_tokens.clone());
    base.consume(Recommend);
    Ok(base.api(public, utoipa_axum::router::OpenApiRouter::new()))
}
