use std::sync::Arc;

use servers::{Postgres, Proxy, RabbitMq, Servers};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::backups::Backups;
use super::copies::MessageCopier;
use super::fault::{Action, Route, Server};
use super::poison::Poison;
use super::queues::Queues;
use super::services::Services;
use crate::checker::Databases;

/// All that can be broken.
pub struct Targets {
    pub(crate) services: Services,
    pub(super) databases: Databases,
    pub(super) copier: MessageCopier,
    pub(super) queues: Queues,
    pub(super) backups: Backups,
    pub(crate) poison: Poison,
    rabbitmq: Arc<Mutex<RabbitMq>>,
    postgres: Arc<Mutex<Postgres>>,
}

/// What a fault has to itself, so that no fault ends what another one does.
#[derive(Default)]
pub struct Reserved {
    pub rabbitmq: Option<OwnedMutexGuard<RabbitMq>>,
    pub postgres: Option<OwnedMutexGuard<Postgres>>,
    pub proxy: Option<OwnedMutexGuard<Proxy>>,
}

impl Targets {
    /// The services and their servers, and what is needed to copy messages.
    #[must_use]
    pub fn new(
        services: Services,
        databases: Databases,
        copier: MessageCopier,
        queues: Queues,
        backups: Backups,
        poison: Poison,
        servers: Servers,
    ) -> Self {
        let Servers { rabbitmq, postgres } = servers;
        let (rabbitmq, postgres) = (Arc::new(Mutex::new(rabbitmq)), Arc::new(Mutex::new(postgres)));
        Self { services, databases, copier, queues, backups, poison, rabbitmq, postgres }
    }

    /// Waits until an action can have what it needs to itself.
    pub(super) async fn reserve(&self, action: &Action) -> anyhow::Result<Reserved> {
        let mut reserved = Reserved::default();
        let copies = matches!(action, Action::DeliverAgain { .. } | Action::DeliverEarly { .. });
        if copies || matches!(action, Action::KillPostgres { .. } | Action::RestoreBackup { .. }) {
            reserved.postgres = Some(Arc::clone(&self.postgres).lock_owned().await);
        }
        let needs_broker = matches!(
            action,
            Action::KillRabbitmq { .. }
                | Action::DeleteQueue { .. }
                | Action::RestoreBackup { .. }
                | Action::MakeLogAgain
                | Action::Poison { .. }
        );
        if copies || needs_broker {
            reserved.rabbitmq = Some(Arc::clone(&self.rabbitmq).lock_owned().await);
        }
        let route = match *action {
            Action::Cut { route, .. } | Action::Stall { route, .. } => Some(route),
            Action::DeliverEarly { from, .. } => {
                Some(Route { service: from.service(), to: Server::RabbitMq })
            }
            _ => None,
        };
        if let Some(route) = route {
            reserved.proxy = Some(self.services.proxy(route)?.lock_owned().await);
        }
        Ok(reserved)
    }

    /// Stops everything.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.services.end().await?;
        match (Arc::into_inner(self.rabbitmq), Arc::into_inner(self.postgres)) {
            (Some(rabbitmq), Some(postgres)) => {
                Servers { rabbitmq: rabbitmq.into_inner(), postgres: postgres.into_inner() }.stop().await
            }
            // A fault still has one of them; they end with this process.
            _ => Ok(()),
        }
    }
}
