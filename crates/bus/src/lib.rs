//! Reliable messaging on RabbitMQ and PostgreSQL.
//!
//! *Every event that was committed takes effect exactly once in every service that listens, in order for its subject,
//! whatever crashes.* A service commits its rows and its events in one transaction ([`Outbox`]); the [`Relay`]
//! publishes them with confirms; a [`Consumer`] takes them in batches, moves its positions, writes the effects and
//! its own events in one transaction, and acknowledges then. What can't be handled is parked in the database, in
//! sequence ([`parked`]). [`Topology`] declares exchanges and queues.
//!
//! This crate knows nothing about what the events mean. An example, in which a kitchen lights a lamp and a meter
//! counts it:
//!
//! ```no_run
//! use bus::{Bus, Failure, Handler, Settings};
//! use envelope::{Cause, Clock, Envelope, EventType};
//! use sqlx::{PgConnection, PgPool};
//! use tokio_util::sync::CancellationToken;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct LampLit { room: String }
//!
//! impl EventType for LampLit {
//!     const TYPE: &'static str = "house.lamp-lit.v1";
//!     fn subject(&self) -> String { self.room.clone() }
//! }
//!
//! /// The service "meter": counts per room.
//! struct Meter;
//!
//! impl Handler for Meter {
//!     async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
//!         for event in events {
//!             let Some(lit) = event.read::<LampLit>()? else { continue };
//!             sqlx::query("UPDATE rooms SET lit = lit + 1 WHERE room = $1")
//!                 .bind(lit.room).execute(&mut *connection).await?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # async fn run(house_database: PgPool, meter_database: PgPool) -> Result<(), Box<dyn std::error::Error>> {
//! // Once, with a broker user that may declare: the service "meter" listens to "house".
//! let topology = bus::Topology { services: vec![
//!     bus::Service { name: "house".into(), listens_to: vec![] },
//!     bus::Service { name: "meter".into(), listens_to: vec!["house".into()] },
//! ]};
//! topology.apply(&bus::Broker::new("amqp://admin:secret@localhost", "topology"), Clock::system()).await?;
//!
//! // The service "house" publishes.
//! let stop = CancellationToken::new();
//! let house = Bus::open(Settings::new("house", "amqp://house:secret@localhost"), house_database.clone()).await?;
//! tokio::spawn(house.relay().run(stop.clone()));
//! let outbox = house.outbox();
//! let mut transaction = house_database.begin().await?;
//! sqlx::query("UPDATE lamps SET lit = true WHERE room = 'kitchen'").execute(&mut *transaction).await?;
//! let lit = outbox.wrap(&LampLit { room: "kitchen".into() }, &Cause::started_by("somebody"))?;
//! outbox.append(&mut transaction, vec![lit]).await?;
//! outbox.commit(transaction).await?;
//!
//! // The service "meter" listens.
//! let meter = Bus::open(Settings::new("meter", "amqp://meter:secret@localhost"), meter_database).await?;
//! tokio::spawn(meter.consumer(Meter).run(stop));
//! # Ok(())
//! # }
//! ```

mod acks;
mod backlog;
mod catching_up;
mod connection;
mod consumer;
mod error;
mod event_log;
mod fault;
mod health;
mod inbox;
pub mod judgement;
mod marker;
mod message;
mod observer;
mod outage;
mod outbox;
mod parking;
mod rebuild;
mod relay;
mod retrying;
#[cfg(debug_assertions)]
mod sabotage;
mod taking;
mod topology;
mod trace;

use std::sync::Arc;
use std::time::Duration;

use envelope::Clock;
use opentelemetry::global::BoxedTracer;
use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};

pub use backlog::{Backlog, QueueWatch, Queued};
pub use connection::Broker;
pub use consumer::Consumer;
use consumer::Patience;
pub use error::{BusError, Failure, is_transient};
pub use event_log::{EventLog, Logged, Reading, Start};
pub use health::{Health, State};
pub use judgement::{Parked, oldest as parked};
pub use observer::Observer;
pub use outbox::{Outbox, OutboxError};
pub use rebuild::RebuildError;
pub use relay::Relay;
pub use taking::Handler;
pub use topology::{
    Difference, EVENT_LOG, Flaws, Permissions, Service, Topology, TopologyError, dead_letters_of, exchange_of,
};
use trace::Traces;

/// How a service takes part.
#[derive(Clone)]
pub struct Settings {
    service: String,
    instance: String,
    broker: Broker,
    observer: Arc<dyn Observer>,
    tracer: Option<Arc<BoxedTracer>>,
    clock: Clock,
    patience: Patience,
    accepts_short_log: bool,
    confirm_timeout: Duration,
}

impl Settings {
    /// `service` is its name in the topology; `broker_url` is `amqp://user:password@host:port/vhost`, for the
    /// service's own broker user. `?heartbeat=5` sets the seconds between heartbeats (10 by default): two missed ones
    /// end a connection that is half open.
    #[must_use]
    pub fn new(service: &str, broker_url: &str) -> Self {
        Self {
            service: service.to_owned(),
            instance: format!("process {}", std::process::id()),
            broker: Broker::new(broker_url, service),
            observer: Arc::new(()),
            tracer: None,
            clock: Clock::system(),
            confirm_timeout: Duration::from_secs(30),
            patience: Patience {
                handling: Duration::from_mins(1),
                outage: Duration::from_mins(1),
                hole: Duration::from_secs(30),
                ended: Duration::from_hours(35 * 24),
            },
            accepts_short_log: false,
        }
    }

    /// Has catching up begin where the event log begins if that no longer reaches back far enough: what lies between
    /// is lost to this service. Refused unless said.
    #[must_use]
    pub fn accept_short_log(mut self, accept: bool) -> Self {
        self.accepts_short_log = accept;
        self
    }

    /// How long a batch may take (a minute unless set): after that it is tried again on another connection to the
    /// database, since this one may be half open.
    #[must_use]
    pub fn handling_timeout(mut self, timeout: Duration) -> Self {
        self.patience.handling = timeout;
        self
    }

    /// How long a consumer keeps its messages while the database is away (a minute unless set): then it gives them
    /// back, and takes none until the database answers. Must be shorter than the broker's consumer time-out.
    #[must_use]
    pub fn outage_patience(mut self, patience: Duration) -> Self {
        self.patience.outage = patience;
        self
    }

    /// How long the relay waits for the broker's confirms until it starts anew on another connection (30 seconds unless
    /// set). A broker that blocks its publishers is waited for.
    #[must_use]
    pub fn confirm_timeout(mut self, timeout: Duration) -> Self {
        self.confirm_timeout = timeout;
        self
    }

    /// How long an event waits for the one before it until that is looked for in the event log (30 seconds unless
    /// set). An instance that died keeps what it had for some heartbeats, so there is no hurry.
    #[must_use]
    pub fn hole_patience(mut self, patience: Duration) -> Self {
        self.patience.hole = patience;
        self
    }

    /// How long the position of an ended subject is kept (35 days unless set). Must be longer than the event log
    /// reaches back: a position that is forgotten refuses no duplicate.
    #[must_use]
    pub fn ended_subjects_kept(mut self, time: Duration) -> Self {
        self.patience.ended = time;
        self
    }

    /// Has somebody told what became of the events.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn Observer>) -> Self {
        Self { observer, ..self }
    }

    /// Has spans made of what is sent and processed, see [OpenTelemetry](https://opentelemetry.io)'s conventions for
    /// messaging.
    #[must_use]
    pub fn traced_by(self, tracer: BoxedTracer) -> Self {
        Self { tracer: Some(Arc::new(tracer)), ..self }
    }

    /// Has events dated by this clock (the machine's unless set).
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    fn traces(&self) -> Traces {
        Traces::new(self.tracer.clone(), &self.service)
    }

    /// Names this instance of the service in the management UI, for example by its host.
    #[must_use]
    pub fn instance(self, instance: impl Into<String>) -> Self {
        Self { instance: instance.into(), ..self }
    }
}

/// A service's part in the exchange of events, on top of its own database.
pub struct Bus {
    settings: Settings,
    pool: PgPool,
    outbox: Outbox,
}

impl Bus {
    /// Prepares the database: the bus keeps its tables in a schema `bus` of its own.
    pub async fn open(settings: Settings, pool: PgPool) -> Result<Self, MigrateError> {
        migrations().run(&pool).await?;
        #[cfg(debug_assertions)]
        sabotage::begin(&pool);
        let outbox = Outbox::new(&format!("/{}", settings.service), settings.clock);
        Ok(Self { settings, pool, outbox })
    }

    /// Where the service's events are written.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }

    /// How much waits in the database.
    pub async fn backlog(&self) -> sqlx::Result<Backlog> {
        Backlog::look(&self.pool).await
    }

    /// Looks at how much waits in the service's queues.
    #[must_use]
    pub fn queue_watch(&self) -> QueueWatch {
        QueueWatch::new(self.settings.broker.clone(), self.settings.service.clone())
    }

    /// Publishes what is written there. To be run once per process.
    #[must_use]
    pub fn relay(&self) -> Relay {
        Relay {
            service: self.settings.service.clone(),
            broker: self.settings.broker.clone(),
            database: (*self.pool.connect_options()).clone(),
            outbox: self.outbox.clone(),
            health: Health::new("relay"),
            observer: self.settings.observer.clone(),
            traces: self.settings.traces(),
            confirm_timeout: self.settings.confirm_timeout,
        }
    }

    /// Takes the events that the service listens to.
    pub fn consumer<H: Handler>(&self, handler: H) -> Consumer<H> {
        Consumer {
            service: self.settings.service.clone(),
            instance: self.settings.instance.clone(),
            broker: self.settings.broker.clone(),
            taking: taking::Taking {
                pool: self.pool.clone(),
                handler,
                outbox: self.outbox.clone(),
                observer: self.settings.observer.clone(),
                traces: self.settings.traces(),
            },
            health: Health::new("consumer"),
            patience: self.settings.patience,
            fault: fault::Fault::default(),
            accepts_short_log: self.settings.accepts_short_log,
        }
    }
}

/// The bus's tables, with one of their own to remember the migrations, so that they don't mix with the service's.
#[must_use]
pub fn migrations() -> Migrator {
    let mut migrations = sqlx::migrate!();
    migrations.create_schema("bus");
    migrations.dangerous_set_table_name("bus.migrations");
    migrations
}
