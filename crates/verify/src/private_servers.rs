//! `servers`: runs a command beside servers of its own.

use std::process::ExitCode;

use servers::{ExistingServers, Servers};
use tokio::process::Command;

use crate::cli::WithServers;

/// Runs the command and returns its exit code. The servers' data is gone afterwards.
pub async fn run_beside(settings: &WithServers) -> anyhow::Result<ExitCode> {
    let given = ExistingServers {
        rabbitmq_url: std::env::var(servers::RABBITMQ_URL).ok(),
        management_url: std::env::var(servers::MANAGEMENT_URL).ok(),
        postgres_url: std::env::var(servers::POSTGRES_URL).ok(),
    };
    let servers = Servers::start_temporary(settings.backend, &given).await?;
    let Some((program, arguments)) = settings.command.split_first() else { return Ok(ExitCode::FAILURE) };
    let status = Command::new(program)
        .args(arguments)
        .env(servers::RABBITMQ_URL, servers.rabbitmq.amqp_url())
        .env(servers::MANAGEMENT_URL, servers.rabbitmq.management_url())
        .env(servers::POSTGRES_URL, servers.postgres.url())
        .kill_on_drop(true)
        .status();
    let code = tokio::select! {
        status = status => status?.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        _ = tokio::signal::ctrl_c() => 130,
    };
    servers.stop().await?;
    Ok(code.into())
}
