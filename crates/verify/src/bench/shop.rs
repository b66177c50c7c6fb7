//! Cartwheel: all services in one process, or each in a process of its own.

mod environment;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use cartwheel::topology::topology;
use cartwheel::up::accounts::{Accounts, Namespace};
use cartwheel::up::secrets::Secrets;
use events::PARTICIPANTS;
use sysinfo::Pid;

use super::contestant::Contestant;
use super::process::{Process, Program};
use super::products::{AVAILABLE, PRODUCTS, sku};
use super::testbed::{Space, Testbed};
use crate::checker::{Databases, settle};
use crate::workload::import::sell;

/// How long the consumers may take without progress.
const SETTLE_TIMEOUT: Duration = Duration::from_mins(2);
/// How many products the cart gets to know in a minute at least.
const SOLD_AT_ONCE: usize = 10_000;
/// The component of one process with all services.
const ALL: &str = "all services";

/// How large a shop is.
#[derive(Clone, Copy)]
pub struct Size {
    /// Of each process.
    pub instances: usize,
    /// Products that are sold.
    pub products: usize,
}

/// A shop.
pub struct Shop {
    pub databases: Databases,
    /// How long it took from the start of its processes until all were ready.
    pub startup: Duration,
    members: BTreeMap<&'static str, Vec<Member>>,
    accounts: Accounts,
    secrets: Secrets,
}

/// An instance of a component.
struct Member {
    url: String,
    /// The paths below the address that answer once it is ready.
    ready: Vec<String>,
    program: Program,
    process: Option<Process>,
}

impl Default for Size {
    /// As all contestants are compared.
    fn default() -> Self {
        Self { instances: 1, products: PRODUCTS }
    }
}

impl Shop {
    /// Starts it, and fills the catalogue and the warehouse.
    pub async fn start(testbed: &Testbed, contestant: Contestant, size: Size) -> anyhow::Result<Self> {
        let instances = size.instances;
        let Space { name, folder } = testbed.space()?;
        let secrets = Secrets::load_or_create(&folder.join("secrets.json"))?;
        // So that it finds everything, and its start is like any later one.
        let namespace = Namespace::new(Some(name.clone()));
        let administration = testbed.administration.clone();
        let accounts = Accounts::provide(administration, namespace, &secrets).await?;
        let executable = testbed.programs.cartwheel(contestant)?.display().to_string();
        let mut members: BTreeMap<&'static str, Vec<Member>> = BTreeMap::new();
        let mut taken = BTreeSet::new();
        let components = match contestant {
            Contestant::Processes => PARTICIPANTS.map(|participant| participant.service).to_vec(),
            _ => vec![ALL],
        };
        for component in components {
            for instance in 0..instances {
                let address = other_address(&mut taken)?;
                let (command, environment, ready) = if component == ALL {
                    let ready =
                        PARTICIPANTS.map(|participant| format!("/{}/health/ready", participant.service));
                    let environment = environment::of_all(&testbed.administration, &name, &folder, address);
                    (vec![executable.clone(), "up".to_owned()], environment, ready.to_vec())
                } else {
                    let account = accounts.of(component)?;
                    let environment = environment::of_one(component, account, &secrets, address, instances);
                    let command = [executable.as_str(), "serve", component].map(str::to_owned).to_vec();
                    (command, environment, vec!["/health/ready".to_owned()])
                };
                let log = folder.join(format!("{}-{instance}.log", component.replace(' ', "-")));
                let program = Program { command, environment, folder: folder.clone(), log };
                let member = Member { url: format!("http://{address}"), ready, program, process: None };
                members.entry(component).or_default().push(member);
            }
        }
        let databases = Databases::open(&accounts).await?;
        let startup = Duration::ZERO;
        let mut shop = Self { databases, startup, members, accounts, secrets };
        shop.startup = shop.start_components(&shop.components()).await?;
        shop.fill(size.products).await?;
        Ok(shop)
    }

    /// Starts all instances of these components. Returns how long it took until they were ready.
    pub async fn start_components(&mut self, components: &[&str]) -> anyhow::Result<Duration> {
        let began = Instant::now();
        for member in self.members_of(components) {
            member.process = Some(Process::start(&member.program)?);
        }
        for member in self.members_of(components) {
            let process = member.process.as_mut().context("a process that was just started")?;
            for path in &member.ready {
                process.ready(&format!("{}{path}", member.url)).await?;
            }
        }
        Ok(began.elapsed())
    }

    /// Ends all instances of these components.
    pub async fn end_components(&mut self, components: &[&str]) -> anyhow::Result<()> {
        for member in self.members_of(components) {
            if let Some(process) = member.process.take() {
                process.end().await?;
            }
        }
        Ok(())
    }

    fn members_of(&mut self, components: &[&str]) -> impl Iterator<Item = &mut Member> {
        let wanted = self.members.iter_mut().filter(|(component, _)| components.contains(component));
        wanted.flat_map(|(_, members)| members)
    }

    /// The names of its components.
    pub fn components(&self) -> Vec<&'static str> {
        self.members.keys().copied().collect()
    }

    /// The addresses of the instances of a service.
    pub fn urls(&self, service: &str) -> Vec<String> {
        let members = self.members.get(service).or_else(|| self.members.get(ALL));
        members.into_iter().flatten().map(|member| member.url.clone()).collect()
    }

    async fn fill(&self, products: usize) -> anyhow::Result<()> {
        let (catalog, inventory) = (self.urls("catalog"), self.urls("inventory"));
        let catalog = catalog.first().context("no catalog")?;
        let inventory = inventory.first().context("no inventory")?;
        let products: Vec<_> = (0..products).map(|product| (sku(product), AVAILABLE)).collect();
        for some in products.chunks(SOLD_AT_ONCE) {
            sell((catalog, inventory), &self.secrets.admin_key, &self.databases, some).await?;
        }
        self.settle().await
    }

    /// Returns once every event has had its effects.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let unsettled = settle(&self.databases, SETTLE_TIMEOUT).await?;
        ensure!(unsettled.is_empty(), "what has no effect yet: {}", unsettled.join("; "));
        Ok(())
    }

    /// A service's database, for who may write to it.
    pub fn database_url(&self, service: &str) -> anyhow::Result<String> {
        self.accounts.database_as_administrator(service)
    }

    /// Its processes, by component.
    pub fn pids(&self) -> anyhow::Result<Vec<(&'static str, Pid)>> {
        let members = self.members.iter().flat_map(|(component, members)| {
            members.iter().filter_map(|member| Some((*component, member.process.as_ref()?)))
        });
        members.map(|(component, process)| Ok((component, process.pid()?))).collect()
    }

    /// Ends it, and removes what it has on the servers.
    pub async fn end(mut self, testbed: &Testbed) -> anyhow::Result<()> {
        self.end_components(&self.components()).await?;
        let namespace = self.accounts.namespace();
        let names: Vec<String> =
            topology().services.iter().map(|service| namespace.of(&service.name)).collect();
        testbed.remove(namespace.vhost(), &names).await
    }
}

/// A free address that was not given before: nobody listens there yet.
fn other_address(taken: &mut BTreeSet<SocketAddr>) -> anyhow::Result<SocketAddr> {
    loop {
        let address = servers::ports::free_address()?;
        if taken.insert(address) {
            return Ok(address);
        }
    }
}
