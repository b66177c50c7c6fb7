//! Reliable messaging on RabbitMQ and PostgreSQL.
//!
//! *Every event that was committed takes effect exactly once in every service that listens, in order for its subject,
//! whatever crashes.* A service commits its rows and its events in one transaction ([`Outbox`]); the [`Relay`] publishes them
//! with confirms; a [`Consumer`] takes them in batches, moves its positions and writes the effects and its own events in one
//! transaction, and then acknowledges. What can't be handled is [parked](parking) in the database, in sequence. What must
//! happen later is a [timer](timers). [`Topology`] declares exchanges and queues.
//!
//! This crate knows nothing about what the events mean. The envelope that they travel in is the crate [`envelope`].
//!
//! An example, in which orders are placed and a billing service adds them up:
//!
//! ```no_run
//! use cartwheel_bus::envelope::{Cause, Clock, Envelope, EventType};
//! use cartwheel_bus::{Broker, Bus, Failure, Handler, Service, Settings, Topology};
//! use sqlx::{PgConnection, PgPool};
//! use tokio_util::sync::CancellationToken;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct OrderPlaced { customer: String, amount: i64 }
//!
//! impl EventType for OrderPlaced {
//!     const TYPE: &'static str = "orders.order-placed.v1";
//!     const AGGREGATE: &'static str = "orders.orders";
//!     fn subject(&self) -> String { self.customer.clone() }
//! }
//!
//! /// The service "billing": adds up what each customer owes.
//! struct Billing;
//!
//! impl Handler for Billing {
//!     async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
//!         for event in events {
//!             let Some(order) = event.read::<OrderPlaced>()? else { continue };
//!             sqlx::query("UPDATE accounts SET owed = owed + $2 WHERE customer = $1")
//!                 .bind(order.customer).bind(order.amount).execute(&mut *connection).await?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # async fn run(orders_database: PgPool, billing_database: PgPool) -> Result<(), Box<dyn std::error::Error>> {
//! // Once, with a broker user that may declare: the service "billing" listens to the orders.
//! let topology = Topology { services: vec![
//!     Service { name: "orders".into(), publishes: vec!["orders.orders".into()], listens_to: vec![] },
//!     Service { name: "billing".into(), publishes: vec![], listens_to: vec!["orders.orders".into()] },
//! ], ..Topology::default() };
//! topology.apply(&Broker::new("amqp://admin:secret@localhost", "topology"), Clock::system()).await?;
//!
//! // The service "orders" publishes.
//! let stop = CancellationToken::new();
//! let settings = Settings::new("orders", "amqp://orders:secret@localhost").publishes(["orders.orders"]);
//! let orders = Bus::open(settings, orders_database.clone()).await?;
//! tokio::spawn(orders.relay().run(stop.clone()));
//! let outbox = orders.outbox();
//! let mut transaction = orders_database.begin().await?;
//! sqlx::query("INSERT INTO orders VALUES ('ann', 40)").execute(&mut *transaction).await?;
//! let order = OrderPlaced { customer: "ann".into(), amount: 40 };
//! outbox.append(&mut transaction, vec![outbox.wrap(&order, &Cause::started_by("a request"))?]).await?;
//! outbox.commit(transaction).await?;
//!
//! // The service "billing" listens.
//! let billing = Bus::open(Settings::new("billing", "amqp://billing:secret@localhost"), billing_database).await?;
//! tokio::spawn(billing.consumer(Billing).run(stop));
//! # Ok(())
//! # }
//! ```
#![warn(clippy::missing_errors_doc)]

pub mod audit;
mod backlog;
mod batch_delay;
mod bus;
mod connection;
mod consumer;
mod database;
mod dead_letters;
mod epoch;
mod error;
mod event_key;
mod event_log;
mod failure;
#[cfg(debug_assertions)]
mod fault_injection;
mod headers;
mod health;
mod inbox;
mod incoming;
mod invalid_event;
mod known_sources;
mod lock_session;
#[cfg(feature = "measure")]
#[doc(hidden)]
pub mod measure;
mod message;
mod observer;
mod open_error;
mod outbox;
mod outbox_row;
mod outdated_connections;
pub mod parking;
mod passive_declare;
mod postgres_primary;
mod queue_watch;
mod relay;
mod renamed_source;
mod restoring;
mod reused_connection;
mod session;
mod settings;
mod sql_error_kind;
pub mod timers;
mod topology;
mod trace;
mod transaction;

pub use ::{endpoint, envelope};
pub use backlog::Backlog;
pub use bus::{Bus, migrations};
pub use connection::Broker;
pub use consumer::Consumer;
pub use database::{DatabaseLimits, migrate, within};
pub use dead_letters::DeadLetters;
pub use dead_letters::letter::{DeadLetter, OpenedDeadLetter};
pub use dead_letters::take_back_or_discard::{OwnDeadLetters, SettledDeadLetters};
pub use error::BusError;
pub use event_log::cursor::LogCursor;
pub use event_log::follower::Follower;
pub use event_log::follower::batch::LogBatch;
pub use event_log::follower::handler::LogHandler;
pub use event_log::follower::log_position::{LogPosition, Lost};
pub use event_log::logged::Logged;
pub use event_log::reader::{EventLog, Start};
pub use event_log::rebuilding::RebuildError;
pub use failure::Failure;
pub use health::{Health, HealthState};
pub use inbox::handler::Handler;
pub use inbox::interrupted::Interrupted;
pub use inbox::sequence_run::SequenceGap;
pub use invalid_event::InvalidEvent;
pub use observer::Observer;
pub use open_error::OpenError;
pub use outbox::Outbox;
pub use outbox::error::OutboxError;
pub use postgres_primary::{find_primary, follow_primary};
pub use queue_watch::{QueueWatch, Queued};
pub use relay::Relay;
pub use relay::lock::LOCK as RELAY_LOCK;
pub use renamed_source::RenamedSource;
pub use restoring::{OwnEvents, RestoreError, Restored};
pub use reused_connection::{LeasedConnection, ReusedConnection};
pub use settings::Settings;
pub use sql_error_kind::SqlErrorKind;
pub use timers::{Due, DueTimer, Timer, TimerBacklog, TimerHandler, TimerRunner, Timers};
pub use topology::difference::Difference;
pub use topology::error::TopologyError;
pub use topology::log_retention::LogRetention;
pub use topology::names::{EVENT_LOG, dead_letters_of};
pub use topology::service::{Permissions, Service};
pub use topology::{Topology, TopologyReport};
pub use transaction::commit;
