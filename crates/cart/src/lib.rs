//! Carts, event-sourced, and the storefront's REST.
//!
//! A command is decided on the cart as it is, and appends its facts, writes the outbox and the read view in one
//! transaction. Names and prices come from the cart's own copy of the catalogue; what the warehouse holds for a cart
//! comes back as events and shows in its lines.

mod batch;
mod body;
mod cart;
mod commands;
mod fact;
mod http;
mod on_events;
mod store;

use std::sync::Arc;

use bus::Observer;
use service::{Api, Base, Lifecycle};
use sqlx::migrate::Migrator;
use utoipa_axum::router::OpenApiRouter;

use crate::cart::Limits;
pub use crate::on_events::Copies;
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

    /// The most pieces that a line of a cart may have
    #[arg(long, env = "CARTWHEEL_LINE_LIMIT", default_value_t = 1000)]
    pub line_limit: u32,

    /// The most lines that a cart may have
    #[arg(long, env = "CARTWHEEL_CART_LIMIT", default_value_t = 2000)]
    pub cart_limit: u32,
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
    let mut base = Base::open("cart", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    base.consume(Copies);
    let limits =
        Limits { quantity: settings.line_limit.into(), lines: usize::try_from(settings.cart_limit)? };
    let (commands, worker) = commands::gather(base.pool.clone(), base.outbox(), limits);
    base.run("commands", worker.run());
    base.run("idempotency keys", commands::forget_old_answers(base.pool.clone(), lifecycle.stop()));
    let rest = http::Rest { pool: base.pool.clone(), commands, tokens: base.cart_tokens.clone() };
    Ok(base.api(http::routes(rest), OpenApiRouter::new()))
}
