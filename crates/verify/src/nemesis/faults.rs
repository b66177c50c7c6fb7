//! Makes go wrong what the plan says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as Record, PoisonError};
use std::time::Duration;

use servers::{Postgres, Proxy, RabbitMq, Servers};
use tokio::sync::{Mutex, OwnedMutexGuard, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::copies::{Copier, catch, published};
use super::plan::{Blow, Fault, Kind, Server, Way};
use super::services::Fleet;
use crate::checker::Books;
use crate::workload::clients::Clients;

/// At most so many faults last at the same time.
const TOGETHER: usize = 3;
/// Who takes the carts' events.
const LISTENERS: [&str; 3] = ["inventory", "recommend", "notify"];
/// Until then the last events have come to everybody.
const IN_HAND: Duration = Duration::from_millis(300);
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// All that can be broken.
pub struct Victims {
    pub fleet: Fleet,
    pub books: Books,
    pub copier: Copier,
    rabbitmq: Arc<Mutex<RabbitMq>>,
    postgres: Arc<Mutex<Postgres>>,
    struck: Record<BTreeMap<Kind, Struck>>,
}

/// What a fault has to itself, so that no two heal what the other one breaks.
#[derive(Default)]
struct Reserved {
    rabbitmq: Option<OwnedMutexGuard<RabbitMq>>,
    postgres: Option<OwnedMutexGuard<Postgres>>,
    link: Option<OwnedMutexGuard<Proxy>>,
}

/// How often a kind of fault struck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Struck {
    /// In all.
    pub all: usize,
    /// While requests of clients had no answer yet.
    pub in_flight: usize,
    /// How many messages were delivered twice by it.
    pub messages: usize,
}

impl Victims {
    pub fn new(fleet: Fleet, books: Books, copier: Copier, servers: Servers) -> Arc<Self> {
        let Servers { rabbitmq, postgres } = servers;
        let (rabbitmq, postgres) = (Arc::new(Mutex::new(rabbitmq)), Arc::new(Mutex::new(postgres)));
        Arc::new(Self { fleet, books, copier, rabbitmq, postgres, struck: Record::default() })
    }

    /// How often which faults struck.
    pub fn struck(&self) -> BTreeMap<Kind, Struck> {
        self.struck.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends everything.
    pub async fn end(self) -> anyhow::Result<()> {
        self.fleet.end().await?;
        match (Arc::into_inner(self.rabbitmq), Arc::into_inner(self.postgres)) {
            (Some(rabbitmq), Some(postgres)) => {
                Servers { rabbitmq: rabbitmq.into_inner(), postgres: postgres.into_inner() }.stop().await
            }
            // A fault still has one of them; they end with this process.
            _ => Ok(()),
        }
    }

    /// Has all faults strike, each amid a share of the changes. Returns once all of them are over. To be run in a `LocalSet`.
    pub async fn strike(
        self: &Arc<Self>,
        plan: Vec<Fault>,
        changes: u64,
        clients: &Arc<Clients>,
        over: &CancellationToken,
    ) -> anyhow::Result<()> {
        let together = Arc::new(Semaphore::new(TOGETHER));
        let mut striking = JoinSet::new();
        let share = changes / (plan.len() as u64 + 1);
        let mut before = 0;
        for Fault { blow, rest, at } in plan {
            sleep(rest).await;
            let permit = Arc::clone(&together).acquire_owned().await?;
            let reserved = self.reserve(&blow).await?;
            clients.allow(share);
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let moment = before + (share as f64 * at) as u64;
            before += share;
            if !reached(clients, moment, over).await {
                break;
            }
            let (this, clients) = (Arc::clone(self), Arc::clone(clients));
            striking.spawn_local(async move {
                let _permit = permit;
                this.blow(blow, reserved, &clients).await
            });
            while let Some(struck) = striking.try_join_next() {
                struck??;
            }
        }
        while let Some(struck) = striking.join_next().await {
            struck??;
        }
        Ok(())
    }

    /// The last fault of every run: the last changes of all carts are in the listeners' hands when everybody is killed,
    /// and nothing comes behind them that would show that one is missing.
    pub async fn strike_last(
        &self,
        changes: u64,
        number: usize,
        clients: &Clients,
        over: &CancellationToken,
    ) -> anyhow::Result<()> {
        clients.allow_all(changes);
        reached(clients, changes.saturating_sub(number as u64), over).await;
        let ways = LISTENERS.map(|service| self.fleet.link(Way { service, to: Server::Postgres }));
        let mut links = Vec::with_capacity(ways.len());
        for way in ways {
            links.push(way?.lock_owned().await);
        }
        for link in &links {
            link.stall();
        }
        reached(clients, changes, over).await;
        clients.close();
        sleep(IN_HAND).await;
        self.fleet.kill_all().await?;
        for link in &links {
            link.open();
        }
        Ok(())
    }

    async fn reserve(&self, blow: &Blow) -> anyhow::Result<Reserved> {
        let mut reserved = Reserved::default();
        let copies = matches!(blow, Blow::DeliverAgain { .. } | Blow::DeliverEarly { .. });
        if copies || matches!(blow, Blow::KillPostgres { .. }) {
            reserved.postgres = Some(Arc::clone(&self.postgres).lock_owned().await);
        }
        if copies || matches!(blow, Blow::KillRabbitmq { .. }) {
            reserved.rabbitmq = Some(Arc::clone(&self.rabbitmq).lock_owned().await);
        }
        let way = match *blow {
            Blow::Cut { way, .. } | Blow::Stall { way, .. } => Some(way),
            Blow::DeliverEarly { from: service, .. } => Some(Way { service, to: Server::RabbitMq }),
            _ => None,
        };
        if let Some(way) = way {
            reserved.link = Some(self.fleet.link(way)?.lock_owned().await);
        }
        Ok(reserved)
    }

    async fn blow(&self, blow: Blow, mut reserved: Reserved, clients: &Clients) -> anyhow::Result<()> {
        let is_in_flight = clients.under_way() > 0;
        tracing::info!(?blow, is_in_flight, "strikes");
        let kind = blow.kind();
        let messages = match blow {
            Blow::KillService { service } => self.fleet.kill(service).await.map(|()| 0),
            Blow::DeliverAgain { from, to } => self.deliver_again(from, to).await,
            Blow::Cut { lasting, .. } | Blow::Stall { lasting, .. } => {
                if let Some(link) = &reserved.link {
                    if kind == Kind::Cut {
                        link.cut();
                    } else {
                        link.stall();
                    }
                    sleep(lasting).await;
                    link.open();
                }
                Ok(0)
            }
            Blow::DeliverEarly { from, to } => match &reserved.link {
                Some(link) => self.deliver_early(from, to, link).await,
                None => Ok(0),
            },
            Blow::KillRabbitmq { away } => {
                if let Some(rabbitmq) = &mut reserved.rabbitmq {
                    rabbitmq.kill().await?;
                    sleep(away).await;
                    rabbitmq.start().await?;
                }
                Ok(0)
            }
            Blow::KillPostgres { away } => {
                if let Some(postgres) = &mut reserved.postgres {
                    postgres.kill().await?;
                    sleep(away).await;
                    postgres.start().await?;
                }
                Ok(0)
            }
        };
        self.note(kind, is_in_flight, messages?);
        Ok(())
    }

    /// Copies of what has just been published.
    async fn deliver_again(&self, from: &str, to: &str) -> anyhow::Result<usize> {
        let caught = catch(&self.books, from).await?;
        published(&self.books, from, &caught).await?;
        self.copier.deliver(from, to, &caught).await
    }

    /// Copies of what can't be published yet, the last one first: so each is ahead of its position.
    async fn deliver_early(&self, from: &str, to: &str, link: &Proxy) -> anyhow::Result<usize> {
        link.stall();
        let delivered = async {
            let mut caught = catch(&self.books, from).await?;
            caught.reverse();
            self.copier.deliver(from, to, &caught).await
        };
        let delivered = delivered.await;
        link.open();
        delivered
    }

    fn note(&self, kind: Kind, is_in_flight: bool, messages: usize) {
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        let struck = struck.entry(kind).or_default();
        struck.all += 1;
        struck.in_flight += usize::from(is_in_flight);
        struck.messages += messages;
    }
}

/// Whether so many changes were acknowledged before the time was over.
async fn reached(clients: &Clients, moment: u64, over: &CancellationToken) -> bool {
    while clients.acknowledged() < moment {
        if over.is_cancelled() {
            return false;
        }
        sleep(LOOK_AGAIN).await;
    }
    !over.is_cancelled()
}

/// Cancels the token at the moment.
pub async fn end_at(moment: Instant, over: CancellationToken) {
    tokio::time::sleep_until(moment).await;
    over.cancel();
}
