//! What every service's start-up shares: settings, logs, database, delivery, health, HTTP errors, graceful stop.
//!
//! A service is [`ServiceBuilder::open`], its routes, its consumer, and [`ServiceBuilder::api`]; the binary puts one or
//! all of them behind an address.

#![warn(clippy::missing_errors_doc)]

mod admin_key;
mod api;
mod audit;
mod bearer;
mod builder;
mod caching;
pub mod calls;
mod cart_token;
mod columns;
mod database;
mod dead_letters;
mod delete_rows;
mod description_check;
mod docs;
mod empty_variables;
mod extract;
mod health;
mod lifecycle;
mod limits;
mod mail_address;
mod openapi;
mod operator;
mod parked;
mod price_text;
mod problem_json;
mod rebuild;
pub mod remedies;
mod republish;
mod request_cause;
mod request_layers;
mod restore;
mod rows;
mod server;
mod settings;
pub mod shared_problems;
mod sku;
mod telemetry;
mod text;
mod timers;
mod tls;
mod upserts_and_deletes;

pub use admin_key::AdminKey;
pub use api::{Api, gateway, metrics_route};
pub use bearer::bearer;
pub use builder::{ServiceBuilder, renamed_sources};
pub use caching::{CacheSeconds, cached, knows};
pub use cart_token::CartTokens;
pub use database::{DatabaseTimeouts, in_index_order};
pub use empty_variables::ignore_empty_variables;
pub use extract::{Csv, File, Json, PageSize, Path, Query};
pub use lifecycle::Lifecycle;
pub use limits::{LimitSettings, Whom, client_address, limit_carts, limited_client};
pub use mail_address::{MailAddress, Unmailable, why_unmailable};
pub use openapi::problem_responses::WithProblems;
pub use operator::Operator;
pub use parked::{Decided, ParkedGroup};
pub use price_text::price_text;
pub use problem_json::{FieldError, Problem, ProblemBody, ProblemType};
pub use rebuild::Rebuild;
pub use republish::Republish;
pub use request_cause::request_cause;
pub use request_layers::with_request_layers;
pub use restore::Restore;
pub use rows::{Table, lies_in_a_row};
pub use server::{Cors, ServerSettings, serve};
pub use settings::Settings;
pub use sku::Sku;
pub use telemetry::{ClientSpan, KeyValue, LogFormat, Spans, Telemetry, end_telemetry, metrics};
pub use text::{BrokenRule, LINES, ONE_LINE, TextRule, TextVisitor, blank};
pub use tls::TlsSettings;
pub use upserts_and_deletes::upserts_and_deletes;
