//! A real RabbitMQ and a real PostgreSQL for local use and tests.
//!
//! Each of the two comes from the first of these that works: an existing server whose URL is set, a container, or a
//! private process from this machine's packages. What is started here listens on 127.0.0.1 only, on ports of its
//! own, keeps its data in one folder (or in volumes named after it), and ends when this process ends, even by
//! SIGKILL.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use servers::{ExistingServers, Options, Servers};
//!
//! let options = Options { home: "/checkout/.cartwheel".into(), fresh: false, backend: None };
//! let servers = Servers::start(&options, &ExistingServers::default()).await?;
//! println!("{}", servers.rabbitmq.management_url());
//! servers.stop().await
//! # }
//! ```

mod command;
mod containers;
mod existing;
mod guard;
mod home;
mod local;
mod options;
mod plan;
pub mod ports;
mod postgres;
pub mod progress;
pub mod provision;
mod proxy;
mod rabbitmq;
pub mod ready;
mod runner;
mod servers;

pub use existing::{ExistingServers, MANAGEMENT_URL, POSTGRES_URL, RABBITMQ_URL};
pub use options::{BACKEND, Backend, Options};
pub use postgres::Postgres;
pub use proxy::Proxy;
pub use rabbitmq::RabbitMq;
pub use servers::Servers;
