//! The command line.

mod bench;
mod demo;
mod torture;

use cartwheel::cli::HUMAN_OUTPUT_LOG_FILTER;
use clap::{Args, Parser, Subcommand};
use service::Telemetry;

use crate::evaluate::Evaluation;

pub use bench::Bench;
pub use demo::Demo;
pub use torture::Torture;

/// Verify Cartwheel: demo, torture, and measurements
#[derive(Parser, Debug)]
#[command(name = "cartwheel-verify", version)]
pub struct Cli {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub telemetry: Telemetry,

    #[command(subcommand)]
    #[allow(missing_docs)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Replay real shoppers' baskets through the REST API, and audit every service
    Demo(Box<Demo>),
    /// Inject faults while clients change carts, and check that every acknowledged change took effect once
    Torture(Torture),
    /// Measure how many additions a second the shop takes, and what they cost
    Bench(Bench),
    /// Measure how good recommendations are
    #[command(subcommand)]
    Recommend(Recommend),
    /// Run a command beside a RabbitMQ and a PostgreSQL of its own, with their URLs in its environment
    Servers(WithServers),
}

/// What can be measured of recommendations.
#[derive(Subcommand, Debug)]
pub enum Recommend {
    /// Learn recorded baskets as a stream of cart events, and answer queries about others
    Evaluate(Evaluation),
}

/// A command and the servers beside it.
#[derive(Args, Debug)]
pub struct WithServers {
    /// How to start the servers; by default in containers, if they work
    #[arg(long, env = servers::BACKEND, value_name = "containers|local")]
    pub backend: Option<servers::Backend>,

    /// The command and its arguments
    #[arg(trailing_var_arg = true, required = true, allow_hyphen_values = true)]
    pub command: Vec<String>,
}

impl Cli {
    /// Starts logs, metrics and traces.
    ///
    /// # Errors
    /// When the log's filter can't be read.
    pub fn start_telemetry(&self) -> anyhow::Result<()> {
        self.telemetry.start(HUMAN_OUTPUT_LOG_FILTER)
    }
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
