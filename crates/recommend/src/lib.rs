//! Recommendations: learns from the carts' events, as they arrive, which products go together.
//!
//! Events are kept as *changes* in a journal, in the inbox's transaction. A learner in each instance reads the journal
//! into a [`model`] in memory, from which requests are answered.

mod http;
mod learner;
pub mod model;
mod on_events;
mod republishing;
mod restoring;
mod store;

use std::sync::Arc;
use std::time::Duration;

use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;
use utoipa_axum::router::OpenApiRouter;

use learner::{Learner, Options};
use model::Policy;

pub use learner::restored;
pub use on_events::Recommend;
pub use republishing::republish;
pub use restoring::Published;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The maximum number of suggestions in an event.
pub const MAX_PUBLISHED: usize = 6;

/// Settings of recommend.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// Settings that every service has.
    #[command(flatten)]
    pub service: service::Settings,

    /// Whether to suggest products that are sold out
    #[arg(long, env = "CARTWHEEL_SUGGEST_SOLD_OUT", default_value_t = false, action = clap::ArgAction::Set)]
    pub suggest_sold_out: bool,

    /// Minutes between two runs of the EASE solver; 0 turns EASE off, which saves its memory and CPU time
    #[arg(long, env = "CARTWHEEL_QUALITY_EVERY_MINUTES", default_value_t = 15)]
    pub quality_every_minutes: u32,
}

/// Starts recommend: prepares its database, learns what is known, starts to consume events, and returns its REST
/// interface.
///
/// # Errors
/// When the database can't be reached or migrated, or a setting makes no sense.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn bus::Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let cart_tokens = settings.service.cart_tokens()?;
    let mut service =
        ServiceBuilder::open("recommend", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let in_stock_only = !settings.suggest_sold_out;
    let every = Duration::from_secs(60 * u64::from(settings.quality_every_minutes));
    let options = Options {
        ease_every: (!every.is_zero()).then_some(every),
        published: Policy { limit: MAX_PUBLISHED, in_stock_only },
    };
    let learner = Learner::start(service.pool.clone(), service.outbox(), options).await?;
    let model = learner.handle();
    let health = service.health("learner");
    service.run("learner", learner.run(health, lifecycle.stop()));
    service.consume(Recommend);
    let answers = http::Answers { model, in_stock_only, cart_tokens };
    Ok(service.api(http::routes(answers), OpenApiRouter::new()))
}
