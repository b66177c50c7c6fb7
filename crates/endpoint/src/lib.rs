//! Where servers are, as settings say it: one reader for every URL, and one set of TLS settings.
//!
//! A URL of a setting is read once, when the program starts, and refused with a sentence that says what is wrong with it.
//! User, password, and the name of a virtual host or database are percent-decoded, in every kind of URL alike. Brokers and
//! databases may have several hosts, separated by commas. No error and no debug output repeats a password.
//!
//! ```
//! use cartwheel_endpoint::AmqpUrl;
//!
//! let broker: AmqpUrl = "amqps://cart:p%40ss@[2001:db8::5],rabbit-2/shop?heartbeat=5".parse().unwrap();
//! assert_eq!((broker.user(), broker.password(), broker.name()), (Some("cart"), Some("p@ss"), Some("shop")));
//! let hosts: Vec<_> = broker.hosts().iter().map(|host| (host.name.as_str(), host.port)).collect();
//! assert_eq!(hosts, [("2001:db8::5", 5671), ("rabbit-2", 5671)]);
//! assert_eq!(broker.to_string(), "amqps://[2001:db8::5]:5671,rabbit-2:5671/shop?heartbeat=5");
//! ```
#![warn(clippy::missing_errors_doc)]

mod endpoint;
mod error;
mod host;
mod protocol;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(feature = "clap")]
mod value_parser;

pub use endpoint::Endpoint;
#[cfg(feature = "reqwest")]
pub use endpoint::http::{Client, blocking_client, client};
pub use error::EndpointError;
pub use host::Host;
pub use protocol::{Amqp, Http, Postgres, Protocol, Smtp};

/// Where RabbitMQ is: `amqp://user:password@host:5672/vhost`, or `amqps://` with TLS.
pub type AmqpUrl = Endpoint<Amqp>;
/// Where a database is: `postgres://user:password@host:5432/database`.
pub type PostgresUrl = Endpoint<Postgres>;
/// Where a mail server is: `smtp://host:25`, or `smtps://user:password@host` with TLS.
pub type SmtpUrl = Endpoint<Smtp>;
/// Where an HTTP server is, and below which path: `https://host/path`.
pub type HttpUrl = Endpoint<Http>;
