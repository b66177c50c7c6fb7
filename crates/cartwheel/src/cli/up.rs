//! The settings of `up`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use endpoint::{AmqpUrl, HttpUrl, PostgresUrl, SmtpUrl};
use events::PARTICIPANTS;
use servers::ExistingServers;
use service::{Cors, ServerSettings, Whom};
use url::Url;

use crate::connections::{HOME, USUAL_HOME};

/// Settings of `up`. Each service's own settings (see `serve <service> --help`) are read from their environment variables.
#[derive(Args, Clone, Debug)]
pub struct Up {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub servers: ServersToUse,

    /// The address to listen on; by default 127.0.0.1:8080, or a free port if that is taken
    #[arg(long, env = "CARTWHEEL_LISTEN")]
    pub listen: Option<SocketAddr>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub server: ServerSettings,

    /// A service not to start: its queue collects its events until it runs
    #[arg(long, value_parser = PossibleValuesParser::new(PARTICIPANTS.map(|participant| participant.service)))]
    pub without: Vec<String>,

    /// A mail server to use instead of the mailbox: `smtp://host:port`
    #[arg(long, env = "CARTWHEEL_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SmtpUrl>,

    /// The address at which recipients of emails reach the shop, to unsubscribe; by default the one that it listens on
    #[arg(long, env = "CARTWHEEL_PUBLIC_URL")]
    pub public_url: Option<Url>,

    /// Maximum emails to an address per hour; 0: no limit. The default is that of `serve notify`; `demo` has no limit by default
    #[arg(long, env = "CARTWHEEL_MAILS_PER_ADDRESS_AND_HOUR")]
    pub mails_per_address_and_hour: Option<u16>,
}

impl Up {
    /// The services to start.
    #[must_use]
    pub fn services(&self) -> Vec<&'static str> {
        let services = PARTICIPANTS.iter().map(|participant| participant.service);
        services.filter(|service| !self.without.iter().any(|without| without == service)).collect()
    }

    /// The settings of its HTTP server. On this machine, where the shop is tried out, carts and writes have no limits, and
    /// a storefront that is being developed may call it from its own address.
    #[must_use]
    pub fn server(&self) -> ServerSettings {
        let mut server = self.server.clone();
        server.limits.limits.get_or_insert(Whom::Others);
        server.cors.get_or_insert(Cors::Any);
        server
    }
}

/// Which servers to use. Those that are not given are started: in containers where they work, otherwise from this
/// machine's packages, private to this checkout.
#[derive(Args, Clone, Debug)]
pub struct ServersToUse {
    /// RabbitMQ, as an administrator: `amqp://user:password@host:5672`
    #[arg(long, env = servers::RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: Option<AmqpUrl>,

    /// RabbitMQ's management API, as an administrator; by default port 15672 of the same host
    #[arg(long, env = servers::MANAGEMENT_URL, hide_env_values = true)]
    pub management_url: Option<HttpUrl>,

    /// PostgreSQL, as a superuser: `postgres://user:password@host:5432/postgres`
    #[arg(long, env = servers::POSTGRES_URL, hide_env_values = true)]
    pub postgres_url: Option<PostgresUrl>,

    /// How to start servers that no URL is given for; by default in containers, if they work
    #[arg(long, env = servers::BACKEND, value_name = "containers|local")]
    pub backend: Option<servers::Backend>,

    /// The folder for data, logs and secrets
    #[arg(long, env = HOME, default_value = USUAL_HOME)]
    pub home: PathBuf,

    /// A prefix for the names of databases, roles, broker users and the virtual host
    #[arg(long, env = "CARTWHEEL_NAMESPACE")]
    pub namespace: Option<String>,

    /// Delete all data of earlier runs first
    #[arg(long)]
    pub fresh: bool,
}

impl ServersToUse {
    /// The URLs among them.
    #[must_use]
    pub fn given(&self) -> ExistingServers {
        ExistingServers {
            rabbitmq_url: self.rabbitmq_url.as_ref().map(AmqpUrl::expose),
            management_url: self.management_url.as_ref().map(HttpUrl::expose),
            postgres_url: self.postgres_url.as_ref().map(PostgresUrl::expose),
        }
    }
}
