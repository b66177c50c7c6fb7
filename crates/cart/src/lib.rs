//! Carts, event-sourced, and the storefront's REST.
//!
//! A command is decided on the cart as it is, and appends its facts, writes the outbox and the read view in one
//! transaction. Names and prices come from the cart's own copy of the catalogue; what the warehouse holds for a cart
//! comes back as events and shows in its lines.

pub mod cart;
mod commands;
mod expired_idempotency_keys;
pub mod fact;
mod holds;
mod http;
mod idempotency;
mod inactive_carts;
mod inactivity_timers;
mod missing_inactivity_timers;
mod on_events;
mod on_timers;
mod period_settings;
mod republishing;
mod restoring;
mod store;

use std::sync::Arc;

use bus::Observer;
use chrono::TimeDelta;
use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;

use crate::cart::{Limits, Periods};
use crate::commands::HoldMemory;
use crate::inactivity_timers::InactivityTimers;
use crate::missing_inactivity_timers::set_missing_inactivity_timers;
pub use crate::on_events::Copies;
use crate::on_timers::OnTimers;
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

    /// Maximum value of a cart, in whole units of its currency (pounds, not pence); no limit if not set
    #[arg(long, env = "CARTWHEEL_VALUE_LIMIT")]
    pub value_limit: Option<u32>,

    /// Minutes without a change after which stock that is held for a cart is free for others; 0.5 is half a minute
    #[arg(long = "quiet-minutes", env = "CARTWHEEL_QUIET_MINUTES", default_value = "20", value_parser = period_settings::minutes)]
    pub quiet: TimeDelta,

    /// Minutes without a change after which a cart counts as abandoned
    #[arg(long = "abandoned-minutes", env = "CARTWHEEL_ABANDONED_MINUTES", default_value = "60", value_parser = period_settings::minutes)]
    pub abandoned: TimeDelta,

    /// Hours without a change after which a cart ends
    #[arg(long = "expiry-hours", env = "CARTWHEEL_EXPIRY_HOURS", default_value = "720", value_parser = period_settings::hours)]
    pub expiry: TimeDelta,

    /// Memory for recently changed carts, in MiB, and half as much again for their holds and for products: none of them is read again for each change
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
    let tokens = settings.service.cart_tokens()?;
    let memory = usize::from(settings.cart_memory_mib) << 20;
    let holds = HoldMemory::new(memory / 4);
    let observer = Arc::new(vec![observer, Arc::new(holds.clone())]);
    let mut service =
        ServiceBuilder::open("cart", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    service.consume(Copies);
    let limits = Limits {
        quantity: settings.line_limit.into(),
        lines: usize::try_from(settings.cart_limit)?,
        value: settings.value_limit,
    };
    let held_for = settings.periods().quiet;
    let rules = commands::Rules { limits, held_for, render: http::render_cart };
    let looks = InactivityTimers { timers: service.timers(), periods: settings.periods() };
    service.fire_timers(OnTimers { outbox: service.outbox(), looks: looks.clone() });
    let missing_timers = set_missing_inactivity_timers(service.pool.clone(), looks.clone(), lifecycle.stop());
    service.run("missing inactivity timers", missing_timers);
    let health = service.health("commands");
    let (commands, worker) =
        commands::gather(service.pool.clone(), service.outbox(), rules, looks, memory, holds, health);
    service.run("commands", worker.run());
    service.run(
        "idempotency keys",
        expired_idempotency_keys::delete_expired_keys(service.pool.clone(), lifecycle.stop()),
    );
    let pool = service.pool.clone();
    let state = http::RouteState { pool, commands, tokens, held_for };
    Ok(service.api(http::routes(state.clone()), http::routes_for_operators(state)))
}

impl Settings {
    /// How long nothing must have been changed in a cart.
    fn periods(&self) -> Periods {
        Periods { quiet: self.quiet, abandoned: self.abandoned, expired: self.expiry }
    }
}
