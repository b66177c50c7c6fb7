//! The `cartwheel` command.

use std::process::ExitCode;

use cartwheel::cli::{Cli, Command};
use cartwheel::{accounts, beside, demo, events, parked, rebuild, serve, torture, up};
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli).await {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    service::start_logging(cli.logs.log_format, &cli.filter())?;
    match cli.command {
        Command::Up(settings) => up::up(&settings).await?,
        Command::Demo(settings) => return demo::demo(&settings).await,
        Command::Torture(settings) => return torture::torture(&settings).await,
        Command::Serve(service) => serve::serve(*service).await?,
        Command::Topology(settings) => {
            let created =
                accounts::topology().apply(&bus::Broker::new(settings.rabbitmq_url, "topology")).await?;
            tracing::info!(?created, "the topology is complete");
        }
        Command::Rebuild(projection) => rebuild::rebuild(projection).await?,
        Command::Parked(command) => parked::parked(&command).await?,
        Command::Events(command) => events::events(&command).await?,
        Command::Servers(settings) => return beside::beside_servers(&settings).await,
    }
    Ok(ExitCode::SUCCESS)
}
