//! Cartwheel: all services in one process, or each in a process of its own.

mod environment;
mod member;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use cartwheel::topology::topology;
use cartwheel::up::accounts::{Accounts, Namespace};
use cartwheel::up::secrets::Secrets;
use events::{PARTICIPANTS, Participant};
use sysinfo::Pid;

use super::contestant::Contestant;
use super::products::{AVAILABLE, PRODUCTS, sku};
use super::testbed::Testbed;
use crate::checker::{Databases, settle};
use crate::workload::import::sell;
use member::Member;

/// How long the consumers may take without progress.
const SETTLE_TIMEOUT: Duration = Duration::from_mins(2);
/// What nothing to publish for a second is.
const QUIET_LOOKS: u32 = 5;
const QUIET_PAUSE: Duration = Duration::from_millis(200);
/// How many products the cart gets to know in a minute at least.
const SOLD_AT_ONCE: usize = 10_000;
/// The component of one process with all services.
const ALL: &str = "all services";

/// How large a shop is.
#[derive(Clone, Copy)]
pub struct Size {
    /// Of each service but the catalogue, which these measurements hardly ask for anything.
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

impl Default for Size {
    /// As all contestants are compared.
    fn default() -> Self {
        Self { instances: 1, products: PRODUCTS }
    }
}

impl Size {
    /// How many instances of a service there are.
    fn of(self, service: &str) -> usize {
        if service == "catalog" { 1 } else { self.instances }
    }
}

impl Shop {
    /// Starts it, and fills the catalogue and the warehouse.
    pub async fn start(testbed: &Testbed, contestant: Contestant, size: Size) -> anyhow::Result<Self> {
        let space = testbed.space()?;
        let secrets = Secrets::load_or_create(&space.folder.join("secrets.json"))?;
        // So that it finds everything, and its start is like any later one.
        let namespace = Namespace::new(Some(space.name.clone()));
        let administration = &testbed.administration;
        let accounts = Accounts::provide(administration.clone(), namespace, &secrets).await?;
        let executable = testbed.programs.cartwheel(contestant)?;
        let mut members: BTreeMap<&'static str, Vec<Member>> = BTreeMap::new();
        let mut taken = BTreeSet::new();
        if contestant == Contestant::Processes {
            for Participant { service, .. } in PARTICIPANTS {
                let program = (executable, accounts.of(service)?);
                for _ in 0..size.of(service) {
                    let address = other_address(&mut taken)?;
                    let instances = size.instances;
                    let member = Member::of_service(service, program, &secrets, &space, address, instances);
                    members.entry(service).or_default().push(member);
                }
            }
        } else {
            let address = other_address(&mut taken)?;
            members.insert(ALL, vec![Member::with_all(executable, administration, &space, address)]);
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
            member.start()?;
        }
        for member in self.members_of(components) {
            member.ready().await?;
        }
        Ok(began.elapsed())
    }

    /// Ends all instances of these components.
    pub async fn end_components(&mut self, components: &[&str]) -> anyhow::Result<()> {
        for member in self.members_of(components) {
            member.end().await?;
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
        let products: Vec<_> = (0..products).map(|product| (sku(product), AVAILABLE)).collect();
        for some in products.chunks(SOLD_AT_ONCE) {
            self.offer(some).await?;
        }
        self.settle().await
    }

    /// Sells these products, with so many pieces of each over and above those that carts hold.
    pub async fn offer(&self, products: &[(String, u64)]) -> anyhow::Result<()> {
        let (catalog, inventory) = (self.urls("catalog"), self.urls("inventory"));
        let catalog = catalog.first().context("no catalog")?;
        let inventory = inventory.first().context("no inventory")?;
        sell((catalog, inventory), &self.secrets.admin_key, &self.databases, products).await
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

    /// Returns once no service has had anything to publish for a second. Other than [`settle`](Self::settle) it costs
    /// next to nothing, however many events there have been.
    pub async fn quiet(&self) -> anyhow::Result<()> {
        let mut looks = 0;
        while looks < QUIET_LOOKS {
            tokio::time::sleep(QUIET_PAUSE).await;
            looks += 1;
            for Participant { service, .. } in PARTICIPANTS {
                let query = "SELECT EXISTS (SELECT FROM bus.outbox)";
                let publishes: bool =
                    sqlx::query_scalar(query).fetch_one(self.databases.of(service)?).await?;
                looks = if publishes { 0 } else { looks };
            }
        }
        Ok(())
    }

    /// Its processes, by component.
    pub fn pids(&self) -> anyhow::Result<Vec<(&'static str, Pid)>> {
        let members = self.members.iter().flat_map(|(component, members)| {
            members.iter().filter_map(|member| Some((*component, member.process()?)))
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
