//! A shop in one process of its own.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use cartwheel::up::accounts::{Accounts, Namespace};
use cartwheel::up::administration;
use cartwheel::up::secrets::Secrets;
use servers::Servers;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use tokio::process::{Child, Command};

use crate::checker::{Databases, settle};
use crate::workload::import::sell;

/// How many products there are, each with plenty of stock.
pub const PRODUCTS: usize = 1000;
const AVAILABLE: u64 = 100_000_000;
const READY_TIMEOUT: Duration = Duration::from_mins(1);
/// How long the consumers may take without progress.
const SETTLE_TIMEOUT: Duration = Duration::from_mins(2);

/// A shop that is up.
pub struct Shop {
    pub url: String,
    pub databases: Databases,
    /// How long it took from the start of its process until it was ready.
    pub startup: Duration,
    process: Child,
    secrets: Secrets,
}

pub fn sku(product: usize) -> String {
    format!("SKU-{product:04}")
}

impl Shop {
    /// Starts it on these servers, in databases and a virtual host of its own.
    pub async fn start(
        servers: &Servers,
        program: &Path,
        home: &Path,
        namespace: String,
    ) -> anyhow::Result<Self> {
        let home = home.join(&namespace);
        std::fs::create_dir_all(&home)?;
        let secrets = Secrets::load_or_create(&home.join("secrets.json"))?;
        let namespace = Namespace::new(Some(namespace));
        // So that it finds everything, and its start is like any later one.
        let accounts = Accounts::provide(administration(servers), namespace.clone(), &secrets).await?;
        let address = servers::ports::free_address()?;
        let url = format!("http://{address}");
        let began = Instant::now();
        let process = Command::new(program)
            .arg("up")
            .env("CARTWHEEL_HOME", &home)
            .env("CARTWHEEL_NAMESPACE", namespace.vhost())
            .env("CARTWHEEL_LISTEN", address.to_string())
            .env(servers::RABBITMQ_URL, servers.rabbitmq.amqp_url())
            .env(servers::MANAGEMENT_URL, servers.rabbitmq.management_url())
            .env(servers::POSTGRES_URL, servers.postgres.url())
            .env("CARTWHEEL_LIMITS", "nobody")
            .stdout(Stdio::null())
            .stderr(File::create(home.join("log"))?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        for participant in events::PARTICIPANTS {
            let ready = format!("{url}/{}/health/ready", participant.service);
            servers::ready::until_success(&ready, READY_TIMEOUT)
                .await
                .with_context(|| format!("see {}", home.display()))?;
        }
        let startup = began.elapsed();
        let databases = Databases::open(&accounts).await?;
        Ok(Self { url, databases, startup, process, secrets })
    }

    /// Fills the catalogue and the warehouse.
    pub async fn fill(&self) -> anyhow::Result<()> {
        let products: Vec<_> = (0..PRODUCTS).map(|product| (sku(product), AVAILABLE)).collect();
        sell((&self.url, &self.url), &self.secrets.admin_key, &self.databases, &products).await?;
        self.settle().await
    }

    /// Returns once every event has had its effects.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let unsettled = settle(&self.databases, SETTLE_TIMEOUT).await?;
        ensure!(unsettled.is_empty(), "what has no effect yet: {}", unsettled.join("; "));
        Ok(())
    }

    /// Its process.
    pub fn pid(&self) -> anyhow::Result<Pid> {
        self.process.id().map(Pid::from_u32).context("the shop has ended")
    }

    /// How much memory it has, in bytes.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let pid = self.pid()?;
        let mut system = System::new();
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[pid]),
            true,
            ProcessRefreshKind::nothing().with_memory(),
        );
        Ok(system.process(pid).context("the shop has ended")?.memory())
    }

    /// Ends it.
    pub async fn end(mut self) -> anyhow::Result<()> {
        self.process.kill().await.context("ending the shop")
    }
}
