//! What Cartwheel is compared with: programs of other makes that have the same effects, in one database.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::Url;
use servers::provision::{database, vhost};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use sysinfo::Pid;
use uuid::Uuid;

use super::contestant::Contestant;
use super::process::Process;
use super::testbed::{Space, Testbed};
use crate::guarded_program::Program;

/// How long there may be no new effects.
const SETTLE_TIMEOUT: Duration = Duration::from_mins(2);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The number of effects at the consumer that has the fewest.
const EFFECTS: &str =
    "SELECT least((SELECT count(*) FROM inventory.effects), (SELECT count(*) FROM recommend.effects),
                                    (SELECT count(*) FROM notify.effects))";

/// Programs and what they have on the servers.
pub struct Peer {
    pub url: String,
    pub database: PgPool,
    programs: Vec<(&'static str, Program)>,
    running: Vec<(&'static str, Process)>,
    /// The command that publishes as many events as its last argument says.
    fill: Vec<String>,
    name: String,
}

impl Peer {
    /// Provides a virtual host and a database; nothing is started yet.
    pub async fn provide(testbed: &Testbed, contestant: Contestant) -> anyhow::Result<Self> {
        let space = testbed.space()?;
        let (administration, name) = (&testbed.administration, space.name.clone());
        let password = Uuid::new_v4().to_string();
        database(&administration.postgres, &name, &name, &password).await?;
        vhost(&administration.management, &name, &[]).await?;
        let mut own = at(&administration.postgres, &name)?;
        let set = own.set_username(&name).and_then(|()| own.set_password(Some(&password)));
        set.map_err(|()| anyhow::anyhow!("the server's URL names no host"))?;
        let broker = at(&administration.rabbitmq, &name)?;
        let address = servers::ports::free_address()?;
        let urls = [("RABBITMQ_URL", broker.to_string()), ("DATABASE_URL", own.to_string())];
        let (programs, fill) = match contestant {
            Contestant::FastStream => fast_stream(testbed, &space, address, &urls)?,
            Contestant::RustStream => rust_stream(testbed, &space, address, &urls)?,
            _ => (vec![least_possible(testbed, &space, address, &urls, contestant)], Vec::new()),
        };
        let as_administrator = at(&administration.postgres, &name)?;
        let database = PgPoolOptions::new().max_connections(2).connect(as_administrator.as_str()).await?;
        Ok(Self { url: format!("http://{address}"), database, programs, running: Vec::new(), fill, name })
    }

    /// Starts its API, and returns once that is ready.
    pub async fn start_api(&mut self) -> anyhow::Result<()> {
        let (component, program) = self.programs.first().context("no API")?;
        let mut process = Process::start(program)?;
        process.ready(&format!("{}/health/ready", self.url)).await?;
        self.running.push((component, process));
        Ok(())
    }

    /// Starts all that is not its API.
    pub fn start_consumers(&mut self) -> anyhow::Result<()> {
        for (component, program) in self.programs.iter().skip(1) {
            self.running.push((component, Process::start(program)?));
        }
        Ok(())
    }

    /// Has its own program publish this many events.
    pub async fn fill(&self, events: usize) -> anyhow::Result<()> {
        let (_, api) = self.programs.first().context("no API")?;
        let command = self.fill.iter().cloned().chain([events.to_string()]).collect();
        Process::start(&Program { command, ..api.clone() })?.done().await
    }

    /// Returns once every consumer has had as many effects.
    pub async fn settle(&self, additions: usize) -> anyhow::Result<()> {
        let additions = i64::try_from(additions)?;
        let (mut reached, mut since) = (0, Instant::now());
        loop {
            let effects: i64 = sqlx::query_scalar(EFFECTS).fetch_one(&self.database).await?;
            if effects >= additions {
                return Ok(());
            }
            if effects > reached {
                (reached, since) = (effects, Instant::now());
            }
            ensure!(
                since.elapsed() < SETTLE_TIMEOUT,
                "only {reached} of {additions} additions had all effects"
            );
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Its processes, by component.
    pub fn pids(&self) -> anyhow::Result<Vec<(&'static str, Pid)>> {
        self.running.iter().map(|(component, process)| Ok((*component, process.pid()?))).collect()
    }

    /// Ends it, and removes what it has on the servers.
    pub async fn end(self, testbed: &Testbed) -> anyhow::Result<()> {
        for (_, process) in self.running {
            process.end().await?;
        }
        self.database.close().await;
        testbed.remove(&self.name, std::slice::from_ref(&self.name)).await
    }
}

type Urls = [(&'static str, String); 2];
/// The API first, then consumers; and the command that publishes events.
type Programs = (Vec<(&'static str, Program)>, Vec<String>);

const CONSUMERS: [&str; 3] = ["inventory", "recommend", "notify"];

fn least_possible(
    testbed: &Testbed,
    space: &Space,
    address: SocketAddr,
    urls: &Urls,
    contestant: Contestant,
) -> (&'static str, Program) {
    let events_per_message = if contestant == Contestant::Packed { 50 } else { 1 };
    let own = [("LISTEN", address.to_string()), ("EVENTS_PER_MESSAGE", events_per_message.to_string())];
    let program = Program {
        command: vec![testbed.programs.least_possible().display().to_string()],
        environment: own.into_iter().chain(urls.clone()).collect(),
        folder: Some(space.folder.clone()),
        log: space.folder.join("log"),
    };
    ("all services", program)
}

fn fast_stream(
    testbed: &Testbed,
    space: &Space,
    address: SocketAddr,
    urls: &Urls,
) -> anyhow::Result<Programs> {
    let python = testbed.programs.python()?;
    let program = |component: &str, command: String| Program {
        command: command.split(' ').map(str::to_owned).collect(),
        environment: urls.to_vec(),
        folder: Some(python.folder.clone()),
        log: space.folder.join(format!("{component}.log")),
    };
    let (host, port) = (address.ip(), address.port());
    let flags = "--loop uvloop --http httptools --no-access-log";
    let api = format!("{} -m uvicorn api:app --host {host} --port {port} {flags}", python.program("python"));
    let mut programs = vec![("cart", program("cart", api))];
    for consumer in CONSUMERS {
        let command = format!("{} run consumers:{consumer}", python.program("faststream"));
        programs.push((consumer, program(consumer, command)));
    }
    Ok((programs, vec![python.program("python"), "fill.py".to_owned()]))
}

fn rust_stream(
    testbed: &Testbed,
    space: &Space,
    address: SocketAddr,
    urls: &Urls,
) -> anyhow::Result<Programs> {
    let shop = testbed.programs.ruststream()?.program.display().to_string();
    let service = |name: &'static str| {
        let program = Program {
            command: vec![shop.clone(), name.to_owned()],
            environment: [("LISTEN", address.to_string())].into_iter().chain(urls.clone()).collect(),
            folder: Some(space.folder.clone()),
            log: space.folder.join(format!("{name}.log")),
        };
        (name, program)
    };
    let services = ["cart"].into_iter().chain(CONSUMERS).map(service).collect();
    Ok((services, vec![shop.clone(), "fill".to_owned()]))
}

fn at(server: &str, name: &str) -> anyhow::Result<Url> {
    let mut url = Url::parse(server).context("the server's URL can't be read")?;
    url.set_path(name);
    Ok(url)
}
