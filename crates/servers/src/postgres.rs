//! The database server as its users see it.

use std::sync::Arc;
use std::time::Duration;

use endpoint::PostgresUrl;
use sqlx::Connection as _;

use crate::home::Home;
use crate::provision::connect;
use crate::ready::until_answers;
use crate::runner::Runner;

/// How often a start is tried. Processes of a killed server hold its shared memory for a moment, and a new one
/// refuses to start meanwhile.
const TRIES: u32 = 5;

/// A PostgreSQL that accepts connections.
pub struct Postgres {
    url: String,
    version: String,
    origin: String,
    runner: Runner,
    _home: Option<Arc<Home>>,
}

impl Postgres {
    /// Waits until the server answers.
    pub(crate) async fn connect(
        url: &PostgresUrl,
        origin: String,
        runner: Runner,
        home: Option<Arc<Home>>,
    ) -> anyhow::Result<Self> {
        let is_ours = !matches!(runner, Runner::External);
        let mut postgres = Self { url: url.expose(), version: String::new(), origin, runner, _home: home };
        postgres.await_answer().await?;
        if is_ours {
            close_maintenance_databases(&postgres.url).await?;
        }
        Ok(postgres)
    }

    async fn await_answer(&mut self) -> anyhow::Result<()> {
        let url = self.url.clone();
        let mut tries = 1;
        loop {
            match until_answers("PostgreSQL", &mut self.runner, async || version(&url).await).await {
                Ok(version) => {
                    self.version = version;
                    return Ok(());
                }
                Err(error) if tries == TRIES || matches!(self.runner, Runner::External) => return Err(error),
                Err(error) => tracing::debug!("trying again: {error:#}"),
            }
            tries += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.runner.start().await?;
        }
    }

    /// The superuser's URL of the database `postgres`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server gracefully: sessions are closed, nothing that was committed is lost. Fails for an external server.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.runner.stop().await
    }

    /// Starts the server again, on the same port and with the same data, and waits until it answers.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        self.runner.start().await?;
        self.await_answer().await
    }

    /// Kills the server with SIGKILL. Fails for an external server.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.runner.kill().await
    }

    pub(crate) fn is_external(&self) -> bool {
        self.runner.is_external()
    }

    pub(crate) async fn end(&mut self) -> anyhow::Result<()> {
        self.runner.end().await
    }

    pub(crate) fn explanation(&self) -> String {
        format!("PostgreSQL {}: {}", self.version, self.origin)
    }
}

/// The settings of every server that we start. `fsync` stays on: what was acknowledged has to be there.
pub(crate) const SETTINGS: [&str; 2] = ["max_connections=400", "idle_in_transaction_session_timeout=60s"];

async fn version(url: &str) -> anyhow::Result<String> {
    let mut connection = connect(url).await?;
    let version: String = sqlx::query_scalar("SHOW server_version").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(version.split(' ').next().unwrap_or_default().to_owned())
}

/// By default every role can connect to these two; a service's role has no business there.
async fn close_maintenance_databases(url: &str) -> anyhow::Result<()> {
    let mut connection = connect(url).await?;
    for statement in [
        "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC",
        "REVOKE CONNECT ON DATABASE template1 FROM PUBLIC",
    ] {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}
