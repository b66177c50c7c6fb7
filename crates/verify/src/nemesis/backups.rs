//! Restores services' databases from backups, as an operator does.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use cartwheel::up::accounts::Accounts;
use servers::provision::copy_database;
use sqlx::PgPool;
use tokio::process::Command;
use tokio::time::sleep;

use super::services::Services;

/// Until the servers know that the killed instances are gone.
const TIMEOUT: Duration = Duration::from_mins(1);
const POLL_INTERVAL: Duration = Duration::from_millis(300);

/// The databases, in an administrator's hands.
pub struct Backups {
    program: PathBuf,
    postgres: String,
    accounts: Accounts,
}

impl Backups {
    /// With the program `cartwheel`, and the URL of PostgreSQL as its administrator.
    #[must_use]
    pub fn new(program: PathBuf, postgres: String, accounts: Accounts) -> Self {
        Self { program, postgres, accounts }
    }

    /// Makes a backup of a service's database while its instances are stopped.
    pub(super) async fn back_up(
        &self,
        service: &str,
        services: &Services,
        pool: &PgPool,
    ) -> anyhow::Result<()> {
        services.stop(service).await?;
        let (database, backup) = self.names(service);
        self.copy(&database, &backup, &database, pool).await?;
        services.start_again(service).await
    }

    /// Restores it, and has it brought up to date.
    pub(super) async fn restore(
        &self,
        service: &str,
        services: &Services,
        pool: &PgPool,
    ) -> anyhow::Result<()> {
        services.stop(service).await?;
        let (database, backup) = self.names(service);
        self.copy(&backup, &database, &database, pool).await?;
        self.bring_up_to_date(service).await?;
        services.start_again(service).await
    }

    async fn copy(&self, from: &str, to: &str, role: &str, pool: &PgPool) -> anyhow::Result<()> {
        copy_database(&self.postgres, from, to, role).await?;
        revive(pool).await
    }

    fn names(&self, service: &str) -> (String, String) {
        let database = self.accounts.namespace().of(service);
        let backup = format!("{database}_backup");
        (database, backup)
    }

    async fn bring_up_to_date(&self, service: &str) -> anyhow::Result<()> {
        let account = self.accounts.of(service)?;
        let began = Instant::now();
        loop {
            let mut command = Command::new(&self.program);
            command.args(["restored", service]);
            command.env("CARTWHEEL_DATABASE_URL", &account.database_url);
            command.env("CARTWHEEL_BROKER_URL", &account.broker_url);
            let output = command.output().await.context("cannot run `restored`")?;
            if output.status.success() {
                return Ok(());
            }
            if began.elapsed() > TIMEOUT {
                bail!("`restored {service}` failed: {}", String::from_utf8_lossy(&output.stderr));
            }
            sleep(POLL_INTERVAL).await;
        }
    }
}

/// The checker's connections to the former database are broken, and each says so once.
async fn revive(pool: &PgPool) -> anyhow::Result<()> {
    let mut sound = 0;
    let began = Instant::now();
    while sound <= pool.size() {
        match sqlx::query("SELECT 1").execute(pool).await {
            Ok(_) => sound += 1,
            Err(error) if began.elapsed() > TIMEOUT => return Err(error.into()),
            Err(_) => sound = 0,
        }
    }
    Ok(())
}
