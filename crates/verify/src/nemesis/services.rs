//! All services, each in a process of its own with routes of its own to its servers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use events::PARTICIPANTS;
use servers::Proxy;
use tokio::process::Command;
use tokio::sync::Mutex;

use super::cart_times::CartTimes;
use super::fault::{Route, Server};
use super::process::Process;
use crate::guarded_program::Program;
use crate::serve_environment::serve_environment;
use cartwheel::up::accounts::Account;
use cartwheel::up::shop::Shop;

const READY_TIMEOUT: Duration = Duration::from_mins(2);
/// Short, so that a mail in the hands of a killed process is sent again within the run.
const MAIL_LEASE: [(&str, &str); 2] =
    [("CARTWHEEL_MAIL_LEASE_SECONDS", "5"), ("CARTWHEEL_SMTP_TIMEOUT_SECONDS", "2")];

/// How many instances of each service run.
pub const INSTANCES: usize = 2;

/// The running services.
pub struct Services {
    members: BTreeMap<&'static str, Vec<Member>>,
    proxies: BTreeMap<Route, Arc<Mutex<Proxy>>>,
}

struct Member {
    url: String,
    process: Process,
}

impl Member {
    /// Returns once it answers requests and delivers events. A former release has one address for both.
    async fn ready(&self) -> anyhow::Result<()> {
        servers::ready::until_success(&format!("{}/health/ready", self.url), READY_TIMEOUT).await?;
        let delivery = format!("{}/health/delivery", self.url);
        match endpoint::client(READY_TIMEOUT)?.get(&delivery).send().await?.status().as_u16() {
            404 => Ok(()),
            _ => servers::ready::until_success(&delivery, READY_TIMEOUT).await,
        }
    }
}

impl Services {
    /// Starts all services, the instances of each with these programs; their logs go to the folder `logs`.
    pub async fn start(
        shop: &Shop,
        programs: &[PathBuf; INSTANCES],
        times: CartTimes,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(logs)?;
        let mut services = Self { members: BTreeMap::new(), proxies: BTreeMap::new() };
        let mut given = BTreeSet::new();
        for participant in PARTICIPANTS {
            let service = participant.service;
            let account = services.linked(service, shop.accounts.of(service)?).await?;
            for (instance, program) in programs.iter().enumerate() {
                // The release before may not have had it yet.
                let is_own = *program == programs[0];
                let program = if is_own || runs(program, service).await? { program } else { &programs[0] };
                let address = another_address(&mut given)?;
                let program = Program {
                    command: vec![program.display().to_string(), "serve".to_owned(), service.to_owned()],
                    environment: environment(service, shop, &account, address, programs, times),
                    folder: None,
                    log: logs.join(format!("{service}-{instance}.log")),
                };
                let member = Member { url: format!("http://{address}"), process: Process::keep(program) };
                services.members.entry(service).or_default().push(member);
            }
        }
        Ok(services)
    }

    /// A service's account by routes that can be cut.
    async fn linked(&mut self, service: &'static str, account: &Account) -> anyhow::Result<Account> {
        let broker = Proxy::to(&account.broker_url, 5672).await?;
        let database = Proxy::to(&account.database_url, 5432).await?;
        let linked = Account {
            broker_url: broker.url(&account.broker_url)?,
            database_url: database.url(&account.database_url)?,
        };
        self.proxies.insert(Route { service, to: Server::RabbitMq }, Arc::new(Mutex::new(broker)));
        self.proxies.insert(Route { service, to: Server::Postgres }, Arc::new(Mutex::new(database)));
        Ok(linked)
    }

    /// The addresses of a service's instances.
    pub fn urls(&self, service: &str) -> anyhow::Result<Vec<String>> {
        Ok(self.instances(service)?.iter().map(|member| member.url.clone()).collect())
    }

    /// Kills an instance of a service with SIGKILL; it starts again by itself.
    pub async fn kill(&self, service: &str, instance: usize) -> anyhow::Result<()> {
        self.instance(service, instance)?.process.kill().await
    }

    /// Freezes an instance of a service for a while.
    pub async fn freeze(&self, service: &str, instance: usize, duration: Duration) -> anyhow::Result<()> {
        self.instance(service, instance)?.process.freeze(duration).await
    }

    /// Kills all instances of a service, which stay away until they are started again.
    pub async fn stop(&self, service: &str) -> anyhow::Result<()> {
        let stops = self.instances(service)?.iter().map(|member| member.process.stop());
        futures::future::try_join_all(stops).await.map(|_| ())
    }

    /// Starts all instances of a service that was stopped.
    pub async fn start_again(&self, service: &str) -> anyhow::Result<()> {
        let starts = self.instances(service)?.iter().map(|member| member.process.start_again());
        futures::future::try_join_all(starts).await.map(|_| ())
    }

    /// Kills all services at the same time. The cart service starts again with times so long that no cart says any more that
    /// nothing was changed in it.
    pub async fn kill_all_and_let_carts_be(&self) -> anyhow::Result<()> {
        let kills = self.members.iter().flat_map(|(service, members)| {
            members.iter().map(|member| async {
                if *service != "cart" {
                    return member.process.kill().await;
                }
                member.process.stop().await?;
                member.process.start_again_with(CartTimes::Long.environment()).await
            })
        });
        futures::future::try_join_all(kills).await.map(|_| ())
    }

    /// The proxy of a route, which no other fault disturbs at the same time.
    pub fn proxy(&self, route: Route) -> anyhow::Result<Arc<Mutex<Proxy>>> {
        self.proxies.get(&route).cloned().with_context(|| format!("there is no route {route:?}"))
    }

    /// Returns once every service is ready.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let all =
            self.members.iter().flat_map(|(service, members)| members.iter().map(move |one| (service, one)));
        for (service, member) in all {
            member.ready().await.with_context(|| format!("{service} did not become ready; see its log"))?;
        }
        Ok(())
    }

    /// Ends all services.
    pub async fn end(self) -> anyhow::Result<()> {
        for member in self.members.into_values().flatten() {
            member.process.end().await?;
        }
        Ok(())
    }

    fn instances(&self, service: &str) -> anyhow::Result<&[Member]> {
        let members =
            self.members.get(service).with_context(|| format!("there is no service '{service}'"))?;
        Ok(members)
    }

    fn instance(&self, service: &str, instance: usize) -> anyhow::Result<&Member> {
        self.instances(service)?
            .get(instance)
            .with_context(|| format!("{service} has no instance {instance}"))
    }
}

/// An address that none of these has, though not all of them listen yet.
fn another_address(given: &mut BTreeSet<SocketAddr>) -> anyhow::Result<SocketAddr> {
    loop {
        let address = servers::ports::free_address()?;
        if given.insert(address) {
            return Ok(address);
        }
    }
}

/// Whether a program has this service.
async fn runs(program: &Path, service: &str) -> anyhow::Result<bool> {
    let mut help = Command::new(program);
    help.args(["serve", service, "--help"]).stdout(Stdio::null()).stderr(Stdio::null());
    let path = program.display();
    Ok(help.status().await.with_context(|| format!("cannot run {path}"))?.success())
}

fn environment(
    service: &str,
    shop: &Shop,
    account: &Account,
    address: SocketAddr,
    programs: &[PathBuf],
    times: CartTimes,
) -> Vec<(&'static str, String)> {
    let mut environment = serve_environment(account, &shop.secrets, address);
    environment.extend([
        // Shorter than the longest freezes and stalls.
        ("CARTWHEEL_IDLE_IN_TRANSACTION_TIMEOUT_SECONDS", "3".to_owned()),
        ("CARTWHEEL_STATEMENT_TIMEOUT_SECONDS", "4".to_owned()),
        ("CARTWHEEL_LOCK_TIMEOUT_SECONDS", "2".to_owned()),
        ("CARTWHEEL_BATCH_TIMEOUT_SECONDS", "6".to_owned()),
    ]);
    // A former release may not know messages with several events.
    if programs.iter().any(|program| *program != programs[0]) {
        let aggregates: Vec<&str> = events::aggregates().map(events::Aggregate::name).collect();
        environment.push(("CARTWHEEL_ONE_EVENT_PER_MESSAGE", aggregates.join(",")));
    }
    if service == "cart" {
        environment.extend(times.environment());
    }
    if service == "notify" {
        environment.push(("CARTWHEEL_SMTP_URL", shop.smtp_url.clone()));
        let limit = shop.mails_per_address_and_hour.map(|limit| limit.to_string());
        environment.extend(limit.map(|limit| ("CARTWHEEL_MAILS_PER_ADDRESS_AND_HOUR", limit)));
        environment.extend(MAIL_LEASE.map(|(name, value)| (name, value.to_owned())));
    }
    environment
}
