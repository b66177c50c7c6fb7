//! The `cartwheel` command.

use std::process::ExitCode;

use cartwheel::cli::{Cli, Command};
use cartwheel::{
    accounts, beside, demo, doctor, events, parked, ready, rebuild, recommendations, serve, torture, up,
};
use clap::Parser;
use envelope::Clock;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let code = run(cli).await.unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        ExitCode::FAILURE
    });
    // It waits for the network, on threads of its own.
    let _ = tokio::task::spawn_blocking(service::end_telemetry).await;
    code
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    cli.start_telemetry()?;
    match cli.command {
        Command::Up(settings) => up::up(&settings).await?,
        Command::Demo(settings) => return demo::demo(&settings).await,
        Command::Torture(settings) => return torture::torture(&settings).await,
        Command::Serve(service) => serve::serve(*service).await?,
        Command::Topology(settings) => {
            let created = accounts::topology()
                .apply(&bus::Broker::new(settings.rabbitmq_url, "topology"), Clock::system())
                .await?;
            tracing::info!(?created, "the topology is complete");
        }
        Command::Rebuild(projection) => rebuild::rebuild(projection).await?,
        Command::Parked(command) => parked::parked(&command).await?,
        Command::Events(command) => events::events(&command).await?,
        Command::Recommend(command) => recommendations::recommendations(&command)?,
        Command::Doctor(settings) => return doctor::doctor(&settings).await,
        Command::Ready(settings) => return ready::ready(&settings).await,
        Command::Servers(settings) => return beside::beside_servers(&settings).await,
    }
    Ok(ExitCode::SUCCESS)
}
