//! What all contestants are measured on: the servers, and a folder.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use cartwheel::up::accounts::Administration;
use cartwheel::up::administration;
use futures::future::try_join_all;
use servers::provision::remove_vhost;
use servers::{Backend, ExistingServers, Servers};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgPool};

use super::accounting;
use super::programs::Programs;

/// Running servers, which belong to the bench alone.
pub struct Testbed {
    pub administration: Administration,
    pub programs: Programs,
    /// Where the figures of PostgreSQL can be read.
    pub postgres: PgPool,
    servers: Servers,
    folder: PathBuf,
    spaces: AtomicUsize,
}

/// A name for a virtual host and for databases that nobody has used, and a folder.
pub struct Space {
    pub name: String,
    pub folder: PathBuf,
}

impl Testbed {
    /// Starts the servers, in this folder.
    pub async fn start(
        folder: PathBuf,
        backend: Option<Backend>,
        programs: Programs,
    ) -> anyhow::Result<Self> {
        let options = servers::Options { home: folder.clone(), fresh: true, backend };
        let mut servers = Servers::start(&options, &ExistingServers::default()).await?;
        let postgres = accounting::enable(&mut servers.postgres).await?;
        let administration = administration(&servers);
        Ok(Self { administration, programs, postgres, servers, folder, spaces: AtomicUsize::new(0) })
    }

    /// A place for the next contestant.
    pub fn space(&self) -> anyhow::Result<Space> {
        let name = format!("bench{}", self.spaces.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.join("logs").join(&name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        Ok(Space { name, folder })
    }

    /// The names and versions of the servers, and of what is compared: `RabbitMQ 4.1.0`.
    pub fn versions(&self) -> Vec<String> {
        let name = |line: String| line.split_once(": ").map_or(line.clone(), |(name, _)| name.to_owned());
        let servers = self.servers.explanation().into_iter().map(name);
        servers.chain(self.programs.versions()).collect()
    }

    /// Removes a virtual host, and the users and databases of these names.
    pub async fn remove(&self, vhost: &str, names: &[String]) -> anyhow::Result<()> {
        remove_vhost(&self.administration.management, vhost, names).await?;
        // At the same time: each waits a second until no process of the server knows the database any more.
        try_join_all(names.iter().map(|name| self.remove_database(name))).await?;
        Ok(accounting::reset(&self.postgres).await?)
    }

    async fn remove_database(&self, name: &str) -> sqlx::Result<()> {
        let options: PgConnectOptions = self.administration.postgres.parse()?;
        let mut connection = options.disable_statement_logging().connect().await?;
        for statement in
            [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("DROP ROLE IF EXISTS {name}")]
        {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        connection.close().await
    }

    /// Stops the servers.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.postgres.close().await;
        self.servers.stop().await
    }
}
