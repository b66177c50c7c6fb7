use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use clap::builder::PossibleValuesParser;
use endpoint::{AmqpUrl, PostgresUrl};
use secrecy::SecretString;

use crate::cart_token::CartTokens;
use crate::database::DatabaseTimeouts;
use crate::server::ServerSettings;

/// The settings that every service has.
// A service flattens these into settings of the same name; a group of that name may be there once.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// This service's own database, as its own role: `postgres://cart:password@host/cart`; several hosts, separated by commas,
    /// are a primary and its standbys
    #[arg(long, env = "CARTWHEEL_DATABASE_URL", hide_env_values = true)]
    pub database_url: PostgresUrl,

    /// RabbitMQ, as this service's own user: `amqp://cart:password@host:5672/vhost`; several hosts, separated by commas, are a
    /// cluster's nodes
    #[arg(long, env = "CARTWHEEL_BROKER_URL", hide_env_values = true)]
    pub broker_url: AmqpUrl,

    /// The address of its REST API
    #[arg(long, env = "CARTWHEEL_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub server: ServerSettings,

    /// The key for what only operators may do (sent as `Authorization: Bearer KEY`)
    #[arg(long, env = "CARTWHEEL_ADMIN_KEY", hide_env_values = true)]
    pub admin_key: SecretString,

    /// The secret that cart tokens are derived from; the same for cart, recommend and notify, which need it; at least 32
    /// characters
    #[arg(long, env = "CARTWHEEL_TOKEN_SECRET", hide_env_values = true)]
    pub token_secret: Option<SecretString>,

    /// The previous token secret: tokens made with it still open their carts, until it is removed
    #[arg(long, env = "CARTWHEEL_FORMER_TOKEN_SECRET", hide_env_values = true)]
    pub former_token_secret: Option<SecretString>,

    /// Maximum connections to the database
    #[arg(long, env = "CARTWHEEL_DATABASE_CONNECTIONS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub database_connections: u32,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub database: DatabaseTimeouts,

    /// The name of this instance in RabbitMQ's management UI; its host and process id if not set
    #[arg(long, env = "CARTWHEEL_INSTANCE")]
    pub instance: Option<String>,

    /// Catch up from the beginning of the event log, if it no longer reaches back to the last event that this service processed
    #[arg(long, env = "CARTWHEEL_ACCEPT_SHORT_LOG")]
    pub accept_short_log: bool,

    /// Aggregates whose events each get a message of their own, for listeners that can't read batches; separated by commas
    #[arg(
        long, env = "CARTWHEEL_ONE_EVENT_PER_MESSAGE", value_delimiter = ',', value_name = "AGGREGATE",
        value_parser = PossibleValuesParser::new(events::aggregates().map(events::Aggregate::name)),
    )]
    pub one_event_per_message: Vec<String>,
}

impl Settings {
    /// The secret that cart tokens are derived from.
    ///
    /// # Errors
    /// When it is not set.
    pub fn token_secret(&self) -> anyhow::Result<&SecretString> {
        self.token_secret.as_ref().context("CARTWHEEL_TOKEN_SECRET is not set, and this service needs it")
    }

    /// What makes and checks cart tokens.
    ///
    /// # Errors
    /// When their secret is not set, or too short.
    pub fn cart_tokens(&self) -> anyhow::Result<CartTokens> {
        CartTokens::new(self.token_secret()?)?.accepting(self.former_token_secret.as_ref())
    }

    /// The name of this instance: the one that is set, or its host, which tells containers apart, and its process.
    pub(crate) fn instance(&self) -> String {
        let host = rustix::system::uname();
        let name = || format!("{}, process {}", host.nodename().to_string_lossy(), std::process::id());
        self.instance.clone().unwrap_or_else(name)
    }
}
