//! The `cartwheel-verify` command.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use verify::cli::{Cli, Command, Recommend};
use verify::{bench, demo, evaluate, private_servers, torture};

/// As `cartwheel` has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::from_arg_matches(&service::ignore_empty_variables(Cli::command()).get_matches());
    let cli = cli.unwrap_or_else(|error| error.exit());
    let format = cli.telemetry.log_format;
    let code = Box::pin(run(cli)).await.unwrap_or_else(|error| {
        cartwheel::failure::say(&error, format);
        ExitCode::FAILURE
    });
    // It waits for the network, on threads of its own.
    let _ = tokio::task::spawn_blocking(service::end_telemetry).await;
    code
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    cli.start_telemetry()?;
    // For the HTTP clients of workload and nemesis.
    endpoint::tls::provide();
    match cli.command {
        Command::Demo(settings) => demo::demo(&settings).await,
        Command::Torture(settings) => torture::torture(&settings).await,
        Command::Bench(settings) => bench::bench(&settings).await,
        Command::Recommend(Recommend::Evaluate(evaluation)) => evaluate::evaluate(&evaluation),
        Command::Servers(settings) => private_servers::run_beside(&settings).await,
    }
}
