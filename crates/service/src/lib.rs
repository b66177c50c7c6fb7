//! What every service's start-up shares: settings, logs, database, delivery, health, HTTP errors, graceful stop.
//!
//! A service is [`Base::open`], its routes, its consumer, and [`Base::api`]; the binary puts one or all of them
//! behind an address.

mod access;
mod api;
mod base;
mod cart_token;
mod cause;
mod extract;
mod health;
mod keys;
mod lifecycle;
mod parked;
mod problem;
mod rebuild;
mod settings;
mod telemetry;

pub use access::{AdminKey, bearer};
pub use api::{Api, gateway, serve};
pub use base::Base;
pub use cart_token::CartTokens;
pub use cause::cause;
pub use extract::{Json, Path, Query};
pub use lifecycle::Lifecycle;
pub use problem::{Problem, ProblemBody};
pub use rebuild::Rebuild;
pub use settings::Settings;
pub use telemetry::{ClientSpan, KeyValue, LogFormat, Spans, Telemetry, end_telemetry, metrics};
