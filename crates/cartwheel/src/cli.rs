//! The command line.

pub mod dead_letters;
mod environment;
mod local_defaults;
pub mod log_limits;
pub mod mails;
pub mod operators;
pub mod parked;
pub mod recovery;
pub mod secrets;
pub mod serve;
pub mod service_url;
pub mod timers;
#[cfg(feature = "local")]
pub mod up;
mod url_per_service;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use service::{Telemetry, TlsSettings};

use crate::connections::Connections;

/// Cartwheel: an event-driven shop backend on RabbitMQ.
#[derive(Parser, Debug)]
#[command(name = "cartwheel", version = env!("CARTWHEEL_VERSION"))]
pub struct Cli {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub telemetry: Telemetry,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub tls: TlsSettings,

    #[command(subcommand)]
    #[allow(missing_docs)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run everything until Ctrl-C: all services behind one address, RabbitMQ, PostgreSQL and a mailbox
    #[cfg(feature = "local")]
    Up(Box<up::Up>),
    /// Run one service
    #[command(subcommand)]
    Serve(Box<serve::Serve>),
    /// Declare RabbitMQ's exchanges, queues and bindings
    Topology(operators::TopologyUrl),
    /// Rebuild, from the event log, what a service keeps of other services' events
    #[command(subcommand)]
    Rebuild(serve::Projection),
    /// Bring a service's database up to date after it was restored from a backup; the service must not run
    #[command(subcommand)]
    Restored(recovery::RestoredService),
    /// Publish the present state of an aggregate again, for services that have missed events of it
    Republish(recovery::Republished),
    /// List events that services could not process, and retry, discard or release them
    #[command(subcommand)]
    Parked(parked::Parked),
    /// List dead letters, and put them back into a service's queue
    #[command(subcommand)]
    DeadLetters(dead_letters::DeadLetters),
    /// List emails, and send failed ones again
    #[command(subcommand)]
    Mails(mails::Mails),
    /// List what a service will do later, and retry or discard what has failed
    #[command(subcommand)]
    Timers(timers::Timers),
    /// Read the event log, which keeps a copy of every event
    #[command(subcommand)]
    Events(operators::Events),
    /// Check broker, databases, topology, permissions, clocks and disk, and say how to fix what is wrong
    Doctor(Box<operators::Doctor>),
    /// Exit with 0 if an address answers with success; for health checks
    Ready(operators::Ready),
    /// Print `SHOP` (the address of what `up` runs here), `ADMIN` (the admin key), `RABBITMQ` (the management URL) and `VHOST`
    /// (the virtual host) as shell variables: `eval "$(cartwheel env)"`
    Env,
    /// Print a shell's completions of this command line: `cartwheel completions bash > /etc/bash_completion.d/cartwheel`
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl Cli {
    /// Reads the command line and the environment. What `up` runs here is the default of the commands that look for it. Ends
    /// the program with a sentence where they can't be used.
    #[must_use]
    pub fn read() -> Self {
        let here = Connections::here();
        let command = match &here {
            Some(here) => local_defaults::with_defaults(Self::command(), here),
            None => Self::command(),
        };
        let command = service::ignore_empty_variables(command);
        let command =
            secrets::with_secret_files(command).unwrap_or_else(|error| local_defaults::refuse(&error));
        let read = command.try_get_matches().and_then(|matches| Self::from_arg_matches(&matches));
        read.unwrap_or_else(|error| local_defaults::exit(&error, here.is_some()))
    }

    /// Starts logs, metrics and traces. Commands with human-readable output log only warnings and errors by default.
    ///
    /// # Errors
    /// When the log's filter can't be read.
    pub fn start_telemetry(&self) -> anyhow::Result<()> {
        let filter = match self.command {
            Command::Serve(_) | Command::Topology(_) | Command::Rebuild(_) | Command::Restored(_) => "info",
            _ => HUMAN_OUTPUT_LOG_FILTER,
        };
        self.telemetry.start(filter)
    }
}

/// The log filter of commands with human-readable output. tower-http calls it an error when a service is not ready yet.
pub const HUMAN_OUTPUT_LOG_FILTER: &str = "warn,tower_http=off";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
