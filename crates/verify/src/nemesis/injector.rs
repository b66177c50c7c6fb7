use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::actions::perform;
use super::fault::{Action, Fault, Kind};
use super::outbox;
use super::targets::{Reserved, Targets};
use crate::checker::unwatched_carts;
use crate::workload::clients::Clients;

/// Maximum faults at the same time.
const CONCURRENT: usize = 3;
/// Who processes the carts' events.
const LISTENERS: [&str; 3] = ["inventory", "recommend", "notify"];
/// As long as the last events may take to reach every listener.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// Injects faults into its targets while clients change carts.
pub struct Nemesis {
    targets: Targets,
    injected: Mutex<BTreeMap<Kind, Injected>>,
}

/// How often a kind of fault was injected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Injected {
    /// In all.
    pub all: usize,
    /// While requests of clients had no answer yet.
    pub in_flight: usize,
    /// How many messages were delivered twice by it.
    pub messages: usize,
}

impl Nemesis {
    /// Nothing is injected yet.
    #[must_use]
    pub fn new(targets: Targets) -> Arc<Self> {
        Arc::new(Self { targets, injected: Mutex::default() })
    }

    /// All that it can break.
    #[must_use]
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// How often which faults were injected.
    pub fn injected(&self) -> BTreeMap<Kind, Injected> {
        self.injected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops everything.
    ///
    /// # Errors
    /// When something can't be stopped.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.targets.stop().await
    }

    /// Injects all faults of the plan, each in the middle of a share of the changes. Returns once all of them are over. To
    /// be run in a `LocalSet`.
    ///
    /// # Errors
    /// When a fault can't be injected, or what it broke does not start again.
    pub async fn run(
        self: &Arc<Self>,
        plan: Vec<Fault>,
        changes: u64,
        clients: &Arc<Clients>,
        over: &CancellationToken,
    ) -> anyhow::Result<()> {
        let concurrent = Arc::new(Semaphore::new(CONCURRENT));
        let mut running = JoinSet::new();
        let share = changes / (plan.len() as u64 + 1);
        let mut before = 0;
        for Fault { action, rest, at } in plan {
            sleep(rest).await;
            let permit = Arc::clone(&concurrent).acquire_owned().await?;
            let reserved = self.targets.reserve(&action).await?;
            clients.allow(share);
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let moment = before + (share as f64 * at) as u64;
            before += share;
            if !reached(clients, moment, over).await {
                break;
            }
            let (this, clients) = (Arc::clone(self), Arc::clone(clients));
            running.spawn_local(async move {
                let _permit = permit;
                this.inject(action, reserved, &clients).await
            });
            while let Some(injected) = running.try_join_next() {
                injected??;
            }
        }
        while let Some(injected) = running.join_next().await {
            injected??;
        }
        Ok(())
    }

    /// The last fault of every run: the last changes of all carts have reached the listeners when all services are killed, and
    /// nothing comes behind them that would show that one is missing: from then on, no cart says that nothing was changed in
    /// it. Returns the carts that no timer looked at by then: a start of the cart service would see to them.
    ///
    /// # Errors
    /// When a service can't be killed.
    pub async fn kill_all_at_the_end(
        &self,
        changes: u64,
        number: usize,
        clients: &Clients,
        over: &CancellationToken,
    ) -> anyhow::Result<Vec<Uuid>> {
        let services = &self.targets.services;
        clients.allow_all(changes);
        reached(clients, changes.saturating_sub(number as u64), over).await;
        // Whoever takes a batch hangs at this lock; that the database answers is seen all the same.
        let mut locks = Vec::with_capacity(LISTENERS.len());
        for service in LISTENERS {
            let mut lock = self.targets.databases.of(service)?.begin().await?;
            sqlx::query("LOCK TABLE bus.positions IN EXCLUSIVE MODE").execute(&mut *lock).await?;
            locks.push(lock);
        }
        reached(clients, changes, over).await;
        clients.close();
        // Where not all gets there in time, the kill comes all the same.
        if let Ok(delivered) = tokio::time::timeout(DELIVERY_TIMEOUT, self.delivered()).await {
            delivered?;
        }
        let unwatched = unwatched_carts(&self.targets.databases, None).await?;
        services.kill_all_and_let_carts_be().await?;
        for lock in locks {
            lock.rollback().await?;
        }
        Ok(unwatched)
    }

    /// Returns once all that carts have said is with the listeners.
    async fn delivered(&self) -> anyhow::Result<()> {
        let Targets { databases, queues, .. } = &self.targets;
        while !(outbox::is_empty(databases, "cart").await? && queues.are_delivered(&LISTENERS).await?) {
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }

    async fn inject(&self, action: Action, reserved: Reserved, clients: &Clients) -> anyhow::Result<()> {
        let is_in_flight = clients.in_flight() > 0;
        tracing::info!(?action, is_in_flight, "injecting a fault");
        let kind = action.kind();
        let messages = perform(&self.targets, action, reserved).await?;
        let mut injected = self.injected.lock().unwrap_or_else(PoisonError::into_inner);
        let injected = injected.entry(kind).or_default();
        injected.all += 1;
        injected.in_flight += usize::from(is_in_flight);
        injected.messages += messages;
        Ok(())
    }
}

/// Whether this many changes were acknowledged before the time was over.
async fn reached(clients: &Clients, moment: u64, over: &CancellationToken) -> bool {
    while clients.acknowledged() < moment {
        if over.is_cancelled() {
            return false;
        }
        sleep(POLL_INTERVAL).await;
    }
    !over.is_cancelled()
}
