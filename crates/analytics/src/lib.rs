//! Analytics: how often what happened in the shop, by minute, hour and day; and an index of all events, with what each
//! caused. It follows the event log, and publishes nothing.

mod consequences;
mod event_tree;
mod housekeeping;
mod http;
mod numbers;
mod on_events;
mod store;

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use bus::{Broker, EventLog, Follower, Health, Start};
use service::{Api, Lifecycle, ServiceBuilder, renamed_sources};
use sqlx::migrate::Migrator;
use utoipa_axum::router::OpenApiRouter;

use http::RouteState;
use numbers::Retention;
use on_events::Counting;
use store::Store;

pub use store::COUNTING_LOCK;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Settings of analytics.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// Settings that every service has.
    #[command(flatten)]
    pub service: service::Settings,

    /// Days for which figures are kept by minute
    #[arg(long, env = "CARTWHEEL_MINUTES_KEPT_DAYS", default_value_t = 3)]
    pub minutes_kept_days: u32,

    /// Days for which figures are kept by hour; those by day are kept forever
    #[arg(long, env = "CARTWHEEL_HOURS_KEPT_DAYS", default_value_t = 180)]
    pub hours_kept_days: u32,

    /// Days for which the index of events, which the console searches, is kept. 0: no index
    #[arg(long, env = "CARTWHEEL_EVENTS_KEPT_DAYS", default_value_t = 7)]
    pub events_kept_days: u32,

    /// Milliseconds for which events are gathered before they are counted together; the console lags behind by as much
    #[arg(long, env = "CARTWHEEL_ANALYTICS_GATHER_MS", default_value_t = 1_000)]
    pub analytics_gather_ms: u64,

    /// Maximum events that are counted together
    #[arg(long, env = "CARTWHEEL_ANALYTICS_BATCH", default_value_t = 4_000)]
    pub analytics_batch: usize,
}

/// Starts the service: counts the events of the log.
///
/// # Errors
/// When a setting makes no sense, or the database can't be reached or migrated.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn bus::Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let retention = settings.retention()?;
    let mut service =
        ServiceBuilder::open("analytics", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let log = EventLog::new(Broker::new(settings.service.broker_url.expose(), "analytics"));
    let health = Health::new("event log");
    let timeout = Duration::from_secs(settings.service.database.batch_timeout_seconds);
    let counting = Counting::new(service.pool.clone(), retention, timeout, lifecycle.clock(), health.clone());
    let follower = Follower::new(log.clone(), counting)
        .starting_at(Start::First)
        .batches_of(settings.analytics_batch, Duration::from_millis(settings.analytics_gather_ms))
        .renamed_sources(renamed_sources())
        .reporting_to(health);
    service.follow(follower);
    let store = Store::new(service.pool.clone());
    service.run("housekeeping", housekeeping::run(store.clone(), retention, lifecycle.stop()));
    let state = RouteState::new(store, log, lifecycle.clock());
    Ok(service.api(OpenApiRouter::new(), http::routes(state)))
}

impl Settings {
    fn retention(&self) -> anyhow::Result<Retention> {
        let Self { minutes_kept_days, hours_kept_days, events_kept_days, analytics_batch, .. } = *self;
        ensure!(
            minutes_kept_days > 0 && hours_kept_days > 0,
            "figures are kept for at least a day (CARTWHEEL_MINUTES_KEPT_DAYS, CARTWHEEL_HOURS_KEPT_DAYS)"
        );
        ensure!(analytics_batch > 0, "a batch has at least one event (CARTWHEEL_ANALYTICS_BATCH)");
        Ok(Retention { minutes: minutes_kept_days, hours: hours_kept_days, envelopes: events_kept_days })
    }
}
