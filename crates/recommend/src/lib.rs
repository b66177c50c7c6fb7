//! Recommendations: learns from the carts' events, as they arrive, which products go together, and tells it.
//!
//! Events are kept as *changes* in a journal, in the inbox's transaction. A learner in each instance reads the journal
//! into its [`model`] in memory, from which requests are answered.

pub mod evaluate;
mod http;
mod learner;
pub mod model;
mod on_events;
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

/// The tables of this service's dataservice.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// So many suggestions are told with an event.
const TOLD: usize = 6;

/// What recommend needs to be told.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// What every service needs to be told.
    #[command(flatten)]
    pub service: service::Settings,

    /// Whether products that are sold out are suggested, too
    #[arg(long, env = "CARTWHEEL_SUGGEST_SOLD_OUT", default_value_t = false, action = clap::ArgAction::Set)]
    pub suggest_sold_out: bool,

    /// How often the quality tier is solved, in minutes; 0 turns it off, and its memory and time are saved
    #[arg(long, env = "CARTWHEEL_QUALITY_EVERY_MINUTES", default_value_t = 15)]
    pub quality_every_minutes: u32,
}

/// Starts recommend: prepares its database, learns what is known, starts to take events, and returns its REST interface.
///
/// # Errors
/// When the database can't be reached or migrated, or a setting makes no sense.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn bus::Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let mut service =
        ServiceBuilder::open("recommend", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let in_stock_only = !settings.suggest_sold_out;
    let every = Duration::from_secs(60 * u64::from(settings.quality_every_minutes));
    let options = Options {
        quality_every: (!every.is_zero()).then_some(every),
        told: Policy { limit: TOLD, in_stock_only },
    };
    let learner = Learner::start(service.pool.clone(), service.outbox(), options).await?;
    let showcase = learner.showcase();
    let health = service.health("learner");
    service.run("learner", learner.run(health, lifecycle.stop()));
    service.consume(Recommend);
    let answers = http::Answers { showcase, in_stock_only, cart_tokens: service.cart_tokens.clone() };
    Ok(service.api(http::routes(answers), OpenApiRouter::new()))
}
