//! The command line.

pub mod operators;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use events::PARTICIPANTS;
use servers::ExistingServers;
use service::Telemetry;

use crate::torture::Kind;

/// Cartwheel: an event-driven shop backend on RabbitMQ.
#[derive(Parser, Debug)]
#[command(name = "cartwheel", version)]
pub struct Cli {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub telemetry: Telemetry,

    #[command(subcommand)]
    #[allow(missing_docs)]
    pub command: Command,
}

impl Cli {
    /// Starts logs, metrics and traces. Commands that print for people log only what needs attention, unless asked.
    ///
    /// # Errors
    /// When the log's filter can't be read.
    pub fn start_telemetry(&self) -> anyhow::Result<()> {
        let usual = match self.command {
            // lapin logs every failed try of an outage, a queue that is looked for and not there yet, and returned
            // messages with their bodies. The bus says what matters of it, once.
            Command::Serve(_) | Command::Topology(_) | Command::Rebuild(_) => "info,lapin=off",
            // tower-http calls it an error when a service is not ready yet.
            Command::Up(_)
            | Command::Demo(_)
            | Command::Torture(_)
            | Command::Servers(_)
            | Command::Parked(_)
            | Command::Events(_)
            | Command::Recommend(_)
            | Command::Doctor(_)
            | Command::Ready(_) => "warn,lapin=off,tower_http=off",
        };
        // mailin writes whole SMTP lines, with addresses, at its trace level.
        self.telemetry.start(usual, "mailin=off")
    }
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Runs everything and stays up: all services behind one address, RabbitMQ, PostgreSQL and a mailbox
    Up(Up),
    /// Replays real shoppers' baskets through the REST API and audits the books
    Demo(Demo),
    /// Breaks everything amid clients' writes and compares what they were told with what every service has
    Torture(Torture),
    /// Runs one service alone
    #[command(subcommand)]
    Serve(Box<Serve>),
    /// Declares RabbitMQ's exchanges, queues and bindings
    Topology(TopologyUrl),
    /// Builds anew, out of the event log, what a service keeps of other services' events
    #[command(subcommand)]
    Rebuild(Projection),
    /// Shows events that a service could not take, and judges them
    #[command(subcommand)]
    Parked(operators::Parked),
    /// Reads the event log, which keeps a copy of every event
    #[command(subcommand)]
    Events(operators::Events),
    /// How good recommendations are
    #[command(subcommand)]
    Recommend(Recommendations),
    /// Checks broker, databases, topology, rights, clocks and disk, and says how to mend what is wrong
    Doctor(Box<operators::Doctor>),
    /// Exits with 0 if something answers well at an address; for health checks
    Ready(operators::Ready),
    /// Runs a command beside a RabbitMQ and a PostgreSQL of its own, their URLs in its environment
    Servers(WithServers),
}

/// One service, with its settings.
#[derive(Subcommand, Debug)]
pub enum Serve {
    /// Products and prices
    Catalog(catalog::Settings),
    /// Carts
    Cart(cart::Settings),
    /// Stock and holds
    Inventory(inventory::Settings),
    /// Related products and suggestions
    Recommend(recommend::Settings),
    /// E-mail
    Notify(notify::Settings),
    /// A mail server that keeps what it gets, with a page to read it; for local use
    Mailbox(MailboxSettings),
}

/// A service that keeps something of other services' events. The others decide, and are restored from a backup.
#[derive(Subcommand, Debug)]
pub enum Projection {
    /// The cart's copies of products and holds; the carts themselves stay as they are
    Cart(service::Rebuild),
    /// Everything that recommend has learned
    Recommend(service::Rebuild),
}

/// What can be done with recommendations.
#[derive(Subcommand, Debug)]
pub enum Recommendations {
    /// Learns recorded baskets as a stream of cart events, and answers queries about others
    Evaluate(recommend::evaluate::Evaluation),
}

/// Where the mailbox listens.
#[derive(Args, Debug)]
pub struct MailboxSettings {
    /// The address for SMTP
    #[arg(long, env = "CARTWHEEL_MAILBOX_SMTP", default_value = "127.0.0.1:2525")]
    pub smtp: SocketAddr,

    /// The address of its page
    #[arg(long, env = "CARTWHEEL_LISTEN", default_value = "127.0.0.1:8025")]
    pub listen: SocketAddr,

    /// The file that keeps the mails; in memory only where none is given
    #[arg(long, env = "CARTWHEEL_MAILBOX_STORE")]
    pub store: Option<PathBuf>,
}

/// Which servers to use. Those that are not given are started: in Docker where that works, else from this machine's
/// packages, private to this checkout.
#[derive(Args, Clone, Debug)]
pub struct ServersToUse {
    /// RabbitMQ, as an administrator: `amqp://user:password@host:5672`
    #[arg(long, env = servers::RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: Option<String>,

    /// RabbitMQ's management API, as an administrator; by default port 15672 of the same host
    #[arg(long, env = servers::MANAGEMENT_URL, hide_env_values = true)]
    pub management_url: Option<String>,

    /// PostgreSQL, as one who may create databases: `postgres://user:password@host:5432/postgres`
    #[arg(long, env = servers::POSTGRES_URL, hide_env_values = true)]
    pub postgres_url: Option<String>,

    /// How servers that are not given are started; by default, containers where they work
    #[arg(long, env = servers::BACKEND, value_name = "containers|local")]
    pub backend: Option<servers::Backend>,

    /// The folder for data, logs and secrets
    #[arg(long, env = "CARTWHEEL_HOME", default_value = ".cartwheel")]
    pub home: PathBuf,

    /// Put before the names of databases, roles, broker users and the virtual host
    #[arg(long, env = "CARTWHEEL_NAMESPACE")]
    pub namespace: Option<String>,

    /// Throw away all data of earlier runs first
    #[arg(long)]
    pub fresh: bool,
}

impl ServersToUse {
    /// The URLs among them.
    #[must_use]
    pub fn given(&self) -> ExistingServers {
        ExistingServers {
            rabbitmq_url: self.rabbitmq_url.clone(),
            management_url: self.management_url.clone(),
            postgres_url: self.postgres_url.clone(),
        }
    }
}

/// Settings of `up`. Each service's own settings (see `serve <service> --help`) count by their environment variables.
#[derive(Args, Clone, Debug)]
pub struct Up {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub servers: ServersToUse,

    /// The address of everything; by default 127.0.0.1:8080, or a free port where that is taken
    #[arg(long, env = "CARTWHEEL_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// A service to leave out: its queue keeps what comes until it runs
    #[arg(long, value_parser = PossibleValuesParser::new(PARTICIPANTS.map(|participant| participant.service)))]
    pub without: Vec<String>,

    /// A mail server to use instead of the mailbox: `smtp://host:port`
    #[arg(long, env = "CARTWHEEL_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
}

/// Settings of `demo`.
#[derive(Args, Clone, Debug)]
pub struct Demo {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub up: Up,

    /// How many baskets to replay, in the order of their time
    #[arg(long, default_value_t = 1000)]
    pub baskets: usize,

    /// How many requests are under way at once
    #[arg(long, default_value_t = 64)]
    pub clients: usize,

    /// At most so many additions a second
    #[arg(long)]
    pub rate: Option<u32>,

    /// End after the table
    #[arg(long)]
    pub exit: bool,
}

/// Settings of `torture`.
#[derive(Args, Clone, Debug)]
pub struct Torture {
    /// How many changes of carts are acknowledged in the end
    #[arg(long, default_value_t = 20_000)]
    pub changes: u64,

    /// How many faults strike meanwhile
    #[arg(long, default_value_t = 100)]
    pub faults: usize,

    /// Only these kinds of faults, by commas; by default all
    #[arg(long, value_enum, value_delimiter = ',')]
    pub kinds: Vec<Kind>,

    /// The same seed gives the same faults and the same choices of the clients; by default a new one
    #[arg(long)]
    pub seed: Option<u64>,

    /// No changes are begun after so many minutes
    #[arg(long, default_value_t = 10)]
    pub minutes: u64,

    /// How many clients there are
    #[arg(long, default_value_t = 32)]
    pub clients: usize,

    /// For so many seconds nothing may move in the end before it is given up
    #[arg(long, default_value_t = 120)]
    pub patience: u64,

    /// How the servers are started, which this run has to itself; by default, containers where they work
    #[arg(long, env = servers::BACKEND, value_name = "containers|local")]
    pub backend: Option<servers::Backend>,

    /// The folder in which everything is kept, as its folder `torture`
    #[arg(long, env = "CARTWHEEL_HOME", default_value = ".cartwheel")]
    pub home: PathBuf,
}

/// Where the topology is declared.
#[derive(Args, Debug)]
pub struct TopologyUrl {
    /// RabbitMQ with its virtual host, as a user who may declare: `amqp://user:password@host:5672/vhost`
    #[arg(long, env = servers::RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: String,
}

/// A command and the servers beside it.
#[derive(Args, Debug)]
pub struct WithServers {
    /// How the servers are started; by default, containers where they work
    #[arg(long, env = servers::BACKEND, value_name = "containers|local")]
    pub backend: Option<servers::Backend>,

    /// The command and its arguments
    #[arg(trailing_var_arg = true, required = true, allow_hyphen_values = true)]
    pub command: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
