//! Carts, event-sourced, and the storefront's REST.
//!
//! A command is decided on the cart as it is, and appends its facts, writes the outbox and the read view in one
//! transaction. Names and prices come from the cart's own copy of the catalogue; what the warehouse holds for a cart
//! comes back as events and shows in its lines.

pub mod cart;
mod commands;
mod expired_keys;
pub mod fact;
mod http;
mod idempotency;
mod on_events;
mod republishing;
mod restoring;
mod store;

use std::sync::Arc;

use bus::Observer;
use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;
use utoipa_axum::router::OpenApiRouter;

use crate::cart::Limits;
pub use crate::on_events::Copies;
pub use crate::republishing::republish;
pub use crate::restoring::Facts;
pub use crate::store::refold;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The cart service's settings.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: service::Settings,

    /// Maximum pieces per line of a cart
    #[arg(long, env = "CARTWHEEL_LINE_LIMIT", default_value_t = 1000)]
    pub line_limit: u32,

    /// Maximum lines per cart
    #[arg(long, env = "CARTWHEEL_CART_LIMIT", default_value_t = 2000)]
    pub cart_limit: u32,

    /// How much memory is used for the carts that were changed last, in MiB: their lines are not read again for each change
    #[arg(long, env = "CARTWHEEL_CART_MEMORY_MIB", default_value_t = 32)]
    pub cart_memory_mib: u16,
}

/// Starts the cart service: its relay, its consumer, the worker for commands. Returns its routes.
///
/// # Errors
/// When the database can't be reached or migrated, or a setting makes no sense.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let mut service =
        ServiceBuilder::open("cart", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    service.consume(Copies);
    let limits =
        Limits { quantity: settings.line_limit.into(), lines: usize::try_from(settings.cart_limit)? };
    let health = service.health("commands");
    let memory = usize::from(settings.cart_memory_mib) << 20;
    let (commands, worker) =
        commands::gather(service.pool.clone(), service.outbox(), limits, http::render_cart, memory, health);
    service.run("commands", worker.run());
    service
        .run("idempotency keys", expired_keys::delete_expired_keys(service.pool.clone(), lifecycle.stop()));
    let state =
        http::RouteState { pool: service.pool.clone(), commands, tokens: service.cart_tokens.clone() };
    Ok(service.api(http::routes(state), OpenApiRouter::new()))
}
