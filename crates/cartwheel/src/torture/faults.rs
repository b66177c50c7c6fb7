//! Makes go wrong what the plan says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as Record, PoisonError};
use std::time::Duration;

use servers::{Link, Postgres, RabbitMq, Servers};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::clients::Clients;
use super::copies::{Copier, catch, published};
use super::fleet::Fleet;
use super::plan::{Blow, Fault, Kind, Server, Way};
use crate::books::Books;

/// At most so many faults last at the same time.
const TOGETHER: usize = 3;
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// All that can be broken.
pub struct Victims {
    pub fleet: Fleet,
    pub books: Books,
    pub copier: Copier,
    rabbitmq: Mutex<RabbitMq>,
    postgres: Mutex<Postgres>,
    struck: Record<BTreeMap<Kind, Struck>>,
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
        let (rabbitmq, postgres) = (Mutex::new(rabbitmq), Mutex::new(postgres));
        Arc::new(Self { fleet, books, copier, rabbitmq, postgres, struck: Record::default() })
    }

    /// How often which faults struck.
    pub fn struck(&self) -> BTreeMap<Kind, Struck> {
        self.struck.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends everything.
    pub async fn end(self) -> anyhow::Result<()> {
        self.fleet.end().await?;
        Servers { rabbitmq: self.rabbitmq.into_inner(), postgres: self.postgres.into_inner() }.stop().await
    }

    /// Has all faults strike, each amid a share of the changes, and allows the rest of the changes with the last.
    /// Returns once all of them are over. To be run in a `LocalSet`.
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
            clients.allow(share);
            let permit = Arc::clone(&together).acquire_owned().await?;
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let moment = before + (share as f64 * at) as u64;
            before += share;
            if !reached(clients, moment, over).await {
                break;
            }
            let (this, clients) = (Arc::clone(self), Arc::clone(clients));
            striking.spawn_local(async move {
                let _permit = permit;
                this.blow(blow, &clients).await
            });
            while let Some(struck) = striking.try_join_next() {
                struck??;
            }
        }
        clients.allow(changes - before);
        while let Some(struck) = striking.join_next().await {
            struck??;
        }
        Ok(())
    }

    async fn blow(&self, blow: Blow, clients: &Clients) -> anyhow::Result<()> {
        tracing::info!(?blow, under_way = clients.under_way(), "strikes");
        let kind = blow.kind();
        match blow {
            Blow::KillService { service } => {
                self.note(kind, clients, 0);
                self.fleet.kill(service).await?;
            }
            Blow::Cut { way, lasting } => self.disturb(kind, way, lasting, clients, Link::cut).await?,
            Blow::Stall { way, lasting } => self.disturb(kind, way, lasting, clients, Link::stall).await?,
            Blow::DeliverAgain { from, to } => self.deliver_again(kind, from, to, clients).await?,
            Blow::DeliverEarly { from, to } => self.deliver_early(kind, from, to, clients).await?,
            Blow::KillRabbitmq { away } => {
                let mut rabbitmq = self.rabbitmq.lock().await;
                self.note(kind, clients, 0);
                rabbitmq.kill().await?;
                sleep(away).await;
                rabbitmq.start().await?;
            }
            Blow::KillPostgres { away } => {
                let mut postgres = self.postgres.lock().await;
                self.note(kind, clients, 0);
                postgres.kill().await?;
                sleep(away).await;
                postgres.start().await?;
            }
        }
        Ok(())
    }

    async fn disturb(
        &self,
        kind: Kind,
        way: Way,
        lasting: Duration,
        clients: &Clients,
        how: fn(&Link),
    ) -> anyhow::Result<()> {
        let link = self.fleet.link(way)?.lock().await;
        self.note(kind, clients, 0);
        how(&link);
        sleep(lasting).await;
        link.open();
        Ok(())
    }

    /// Copies of what has just been published.
    async fn deliver_again(&self, kind: Kind, from: &str, to: &str, clients: &Clients) -> anyhow::Result<()> {
        let _both_stay_up = (self.postgres.lock().await, self.rabbitmq.lock().await);
        let caught = catch(&self.books, from).await?;
        published(&self.books, from, &caught).await?;
        let copies = self.copier.deliver(from, to, &caught).await?;
        self.note(kind, clients, copies);
        Ok(())
    }

    /// Copies of what can't be published yet, the last one first: so each is ahead of its position.
    async fn deliver_early(
        &self,
        kind: Kind,
        from: &'static str,
        to: &str,
        clients: &Clients,
    ) -> anyhow::Result<()> {
        let _both_stay_up = (self.postgres.lock().await, self.rabbitmq.lock().await);
        let link = self.fleet.link(Way { service: from, to: Server::RabbitMq })?.lock().await;
        link.stall();
        let caught = catch(&self.books, from).await;
        let mut caught = caught.inspect_err(|_| link.open())?;
        caught.reverse();
        let copies = self.copier.deliver(from, to, &caught).await;
        link.open();
        self.note(kind, clients, copies?);
        Ok(())
    }

    fn note(&self, kind: Kind, clients: &Clients, messages: usize) {
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        let struck = struck.entry(kind).or_default();
        struck.all += 1;
        struck.in_flight += usize::from(messages > 0 || clients.under_way() > 0);
        struck.messages += messages;
    }
}

/// Whether so many changes were acknowledged before the time was over.
pub async fn reached(clients: &Clients, moment: u64, over: &CancellationToken) -> bool {
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
