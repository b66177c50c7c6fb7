use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::middleware::from_fn_with_state;
use bus::{Bus, Follower, Handler, Health, LogHandler, Observer, Outbox, TimerHandler, Timers};
use events::Participant;
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use utoipa_axum::router::OpenApiRouter;

use crate::admin_key::AdminKey;
use crate::api::Api;
use crate::audit;
use crate::calls::{self, Caller, Pace, Target, WakeUp};
use crate::database::Database;
use crate::health::HealthReport;
use crate::lifecycle::Lifecycle;
use crate::openapi::security;
use crate::settings::Settings;
use crate::telemetry::Spans;
use crate::telemetry::{Metered, tracer_of_bus, watch_backlog};

/// A service that is being started: its database, its bus, its keys, and the tasks that it runs.
pub struct ServiceBuilder {
    /// The service's name: `cart`.
    pub name: &'static str,
    /// Its own database, migrated.
    pub pool: PgPool,
    bus: Bus,
    admin_key: AdminKey,
    health: HealthReport,
    consumes: bool,
    lifecycle: Lifecycle,
}

impl ServiceBuilder {
    /// Connects to the database, migrates it, and starts the relay if the service publishes anything.
    ///
    /// # Errors
    /// When the database can't be reached or migrated, or a setting makes no sense.
    pub async fn open(
        name: &'static str,
        settings: &Settings,
        migrations: &Migrator,
        observer: Arc<dyn Observer>,
        lifecycle: &Lifecycle,
    ) -> anyhow::Result<Self> {
        endpoint::tls::provide();
        let timeouts = settings.database;
        let (limits, most) = (timeouts.limits(), settings.database_connections);
        let database = Database::connect(name, &settings.database_url, limits, most).await?;
        let pool = database.pool.clone();
        bus::migrate(migrations, &pool).await.with_context(|| format!("{name}: migrating the database"))?;
        let participant = Participant::named(name);
        let publishes = participant.map_or(&[][..], |participant| participant.publishes);
        let listens_to = participant.map_or(&[][..], |participant| participant.listens_to);
        let mut delivery = bus::Settings::new(name, &settings.broker_url.expose())
            .publishes(publishes.iter().map(|aggregate| aggregate.name()))
            .listens_to(listens_to.iter().map(|aggregate| aggregate.name()))
            .one_event_per_message(&settings.one_event_per_message)
            .renamed_sources(renamed_sources())
            .observed_by(Arc::new(vec![Arc::new(Metered::new(name, lifecycle.clock())), observer]))
            .clock(lifecycle.clock())
            .handling_timeout(Duration::from_secs(timeouts.batch_timeout_seconds))
            .accept_short_log(settings.accept_short_log)
            .instance(settings.instance());
        if let Some(tracer) = tracer_of_bus(name) {
            delivery = delivery.traced_by(tracer);
        }
        let bus =
            Bus::open(delivery, pool.clone()).await.with_context(|| format!("{name}: preparing the bus"))?;
        let mut health = HealthReport {
            pool: pool.clone(),
            serving: Vec::new(),
            delivery: Vec::new(),
            stall_timeout: Duration::from_secs(timeouts.stall_timeout_seconds),
        };
        lifecycle.spawn(&format!("{name} primary watch"), database.follow(lifecycle.stop()));
        if !publishes.is_empty() {
            let relay = bus.relay();
            health.delivery.push(relay.health());
            lifecycle.spawn(&format!("{name} relay"), relay.run(lifecycle.stop()));
        }
        Ok(Self {
            name,
            pool,
            bus,
            admin_key: AdminKey::new(&settings.admin_key),
            health,
            consumes: false,
            lifecycle: lifecycle.clone(),
        })
    }

    /// Where the service's events are written.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        self.bus.outbox()
    }

    /// Where the service's timers are set.
    #[must_use]
    pub fn timers(&self) -> Timers {
        self.bus.timers()
    }

    /// Starts to fire timers.
    pub fn fire_timers<H: TimerHandler>(&mut self, handler: H) {
        let runner = self.bus.timer_runner(handler);
        self.health.delivery.push(runner.health());
        self.lifecycle.spawn(&format!("{} timers", self.name), runner.run(self.lifecycle.stop()));
    }

    /// Starts to consume events.
    pub fn consume<H: Handler>(&mut self, handler: H) {
        self.consumes = true;
        let consumer = self.bus.consumer(handler);
        self.health.delivery.push(consumer.health());
        self.lifecycle.spawn(&format!("{} consumer", self.name), consumer.run(self.lifecycle.stop()));
    }

    /// Starts to follow the event log.
    pub fn follow<H: LogHandler>(&mut self, follower: Follower<H>) {
        self.health.delivery.push(follower.health());
        self.lifecycle.spawn(&format!("{} event log", self.name), follower.run(self.lifecycle.stop()));
    }

    /// Starts to make calls to the outside. `placed` says when this process has placed some.
    ///
    /// # Errors
    /// When the tables of the calls can't be migrated.
    pub async fn call<T: Target>(&self, target: T, pace: Pace, placed: WakeUp) -> anyhow::Result<()> {
        let migrated = bus::migrate(&calls::migrations(), &self.pool).await;
        migrated.with_context(|| format!("{}: migrating the tables of its calls", self.name))?;
        let (service, pool, outbox) = (self.name, self.pool.clone(), self.outbox());
        let caller = Caller { service, pool, outbox, target, pace, placed };
        self.run(&format!("calls to the {}", T::NAME), caller.run(self.lifecycle.stop()));
        Ok(())
    }

    /// Makes spans of the service's calls to the outside.
    #[must_use]
    pub fn spans(&self) -> Spans {
        Spans::new(self.name)
    }

    /// The health of a task that requests need, for the task to report: the service is ready only while it is up.
    pub fn health(&mut self, task: &str) -> Health {
        let health = Health::new(task);
        self.health.serving.push(health.clone());
        health
    }

    /// Runs one more task of the service's own until everything stops.
    pub fn run(&self, task: &str, work: impl Future<Output = ()> + Send + 'static) {
        self.lifecycle.spawn(&format!("{} {task}", self.name), work);
    }

    /// The service as others see it: `public` routes, and those `for_operators`, behind the admin key.
    #[must_use]
    pub fn api(self, public: OpenApiRouter, mut for_operators: OpenApiRouter) -> Api {
        let mut routes = public;
        // axum panics on a layer around no routes.
        if !for_operators.get_openapi().paths.paths.is_empty() {
            security::all_need_admin_key(for_operators.get_openapi_mut());
            let guard = from_fn_with_state(self.admin_key.clone(), AdminKey::guard);
            let audit = from_fn_with_state(self.pool.clone(), audit::write_down);
            // The last one that is added is the first one that a request passes.
            routes = routes.merge(for_operators.route_layer(audit).route_layer(guard));
        }
        let queue = self.consumes.then(|| self.bus.queue_watch());
        let dead_letters = self.bus.dead_letters();
        let stop = self.lifecycle.stop();
        let watching =
            watch_backlog(self.name, self.bus, queue, self.health.components(), self.lifecycle.clock(), stop);
        self.lifecycle.spawn(&format!("{} backlog watch", self.name), watching);
        Api::new(self.name, routes, self.pool, dead_letters, self.admin_key, &self.health)
    }
}

/// What former releases named otherwise.
#[must_use]
pub fn renamed_sources() -> Vec<bus::RenamedSource> {
    let former = |former: events::RenamedSource| bus::RenamedSource {
        source: former.source,
        types: former.types.into_iter().map(str::to_owned).collect(),
        subjects: former.subjects,
        now: former.aggregate.source(),
    };
    events::renamed_sources().into_iter().map(former).collect()
}
