//! The `cartwheel` command.

use std::process::ExitCode;

use cartwheel::cli::{Cli, Command};
#[cfg(feature = "local")]
use cartwheel::up;
use cartwheel::{
    completions, dead_letters, doctor, environment, events, failure, mails, parked, ready, rebuild,
    republish, restored, serve, timers, topology,
};
use envelope::Clock;

/// What all figures were measured with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::read();
    let format = cli.telemetry.log_format;
    let code = Box::pin(run(cli)).await.unwrap_or_else(|error| {
        failure::say(&error, format);
        ExitCode::FAILURE
    });
    // It waits for the network, on threads of its own.
    let _ = tokio::task::spawn_blocking(service::end_telemetry).await;
    code
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    cli.start_telemetry()?;
    #[cfg(feature = "local")]
    if cli.telemetry.log_format == service::LogFormat::Json {
        servers::progress::log();
    }
    cli.tls.install()?;
    match cli.command {
        #[cfg(feature = "local")]
        Command::Up(settings) => up::up(&settings).await?,
        Command::Serve(service) => serve::serve(*service).await?,
        Command::Topology(settings) => topology::declare(&settings, Clock::system()).await?,
        Command::Rebuild(projection) => rebuild::rebuild(projection).await?,
        Command::Restored(service) => restored::restored(service).await?,
        Command::Republish(republished) => republish::republish(&republished).await?,
        Command::Parked(command) => parked::parked(&command).await?,
        Command::DeadLetters(command) => dead_letters::dead_letters(&command).await?,
        Command::Mails(command) => mails::mails(&command).await?,
        Command::Timers(command) => timers::timers(&command).await?,
        Command::Events(command) => events::events(&command).await?,
        Command::Doctor(settings) => return doctor::doctor(&settings.with_passwords()?).await,
        Command::Ready(settings) => return ready::ready(&settings).await,
        Command::Env => environment::environment()?,
        Command::Completions { shell } => completions::completions(shell),
    }
    Ok(ExitCode::SUCCESS)
}
