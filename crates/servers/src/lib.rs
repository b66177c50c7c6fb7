//! A real RabbitMQ and a real PostgreSQL for local use and tests.
//!
//! Each of the two comes from the first of these that works: a URL that was given, a container, or a private
//! process from this machine's packages. Whatever is started here listens on 127.0.0.1 alone, on ports of its
//! own, keeps its data under one folder (or in volumes named after it), and ends when this process ends, even
//! when that is by SIGKILL.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use servers::{Given, Options, Servers};
//!
//! let options = Options { home: "/checkout/.cartwheel".into(), fresh: false, backend: None };
//! let servers = Servers::start(&options, &Given::default()).await?;
//! println!("{}", servers.rabbitmq.management_url());
//! servers.stop().await
//! # }
//! ```

mod command;
mod containers;
mod given;
mod held;
mod home;
mod leash;
mod link;
mod local;
mod options;
mod ports;
mod postgres;
pub mod provision;
mod rabbitmq;
mod ready;
mod start;

pub use given::{Given, MANAGEMENT_URL, POSTGRES_URL, RABBITMQ_URL};
pub use link::Link;
pub use options::{BACKEND, Backend, Options};
pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;
pub use start::Servers;
