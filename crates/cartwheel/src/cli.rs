//! The command line.

pub mod dead_letters;
mod environment;
pub mod log_limits;
pub mod mails;
mod of_service;
pub mod operators;
pub mod recovery;
pub mod serve;
pub mod timers;
#[cfg(feature = "local")]
pub mod up;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use service::{Telemetry, TlsSettings};

/// Cartwheel: an event-driven shop backend on RabbitMQ.
#[derive(Parser, Debug)]
#[command(name = "cartwheel", version)]
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
    /// Publish again what the present state of something is, for services that have missed how it came about
    Republish(recovery::Republished),
    /// List events that a service could not process, and retry or discard them
    #[command(subcommand)]
    Parked(operators::Parked),
    /// List dead letters, and put them back into a service's queue
    #[command(subcommand)]
    DeadLetters(dead_letters::DeadLetters),
    /// List mails, and send failed ones again
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
}

impl Cli {
    /// Reads the command line and the environment; ends the program with a sentence where they can't be used.
    #[must_use]
    pub fn read() -> Self {
        let matches = service::ignore_empty_variables(Self::command()).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// Starts logs, metrics and traces. Commands with human-readable output log only warnings and errors by default.
    ///
    /// # Errors
    /// When the log's filter can't be read.
    pub fn start_telemetry(&self) -> anyhow::Result<()> {
        let filter = match self.command {
            // lapin logs every failed try of an outage, a queue that is looked for and not there yet, and returned
            // messages with their bodies. The bus says what matters of it, once.
            Command::Serve(_) | Command::Topology(_) | Command::Rebuild(_) | Command::Restored(_) => {
                "info,lapin=off"
            }
            _ => HUMAN_OUTPUT_LOG_FILTER,
        };
        self.telemetry.start(filter, ALWAYS)
    }
}

/// The log filter of commands with human-readable output. tower-http calls it an error when a service is not ready yet.
pub const HUMAN_OUTPUT_LOG_FILTER: &str = "warn,lapin=off,tower_http=off";
/// Part of every log filter. mailin writes whole SMTP lines, with addresses, at its trace level.
pub const ALWAYS: &str = "mailin=off";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
