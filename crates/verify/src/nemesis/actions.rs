//! What each kind of fault does.

use std::error::Error;
use std::time::{Duration, Instant};

use bus::TopologyError;
use events::Aggregate;
use servers::{Proxy, RabbitMq};
use tokio::time::sleep;
use tracing::warn;

use super::copies::{catch, until_published};
use super::fault::Action;
use super::targets::{Reserved, Targets};
use crate::checker::{has_taken, published};

/// How long everybody may take for what is on its way.
const TAKEN_TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Performs an action, and ends what it broke. Returns how many messages were delivered twice by it.
pub async fn perform(targets: &Targets, action: Action, reserved: Reserved) -> anyhow::Result<usize> {
    let Reserved { mut rabbitmq, mut postgres, proxy } = reserved;
    match action {
        Action::KillService { service, instance } => targets.services.kill(service, instance).await?,
        Action::FreezeService { service, instance, duration } => {
            targets.services.freeze(service, instance, duration).await?;
        }
        Action::RestoreBackup { service, age } => {
            let pool = targets.databases.of(service)?;
            targets.backups.back_up(service, &targets.services, pool).await?;
            sleep(age).await;
            targets.backups.restore(service, &targets.services, pool).await?;
        }
        Action::MakeLogAgain => make_log_again(targets, rabbitmq.as_deref_mut()).await?,
        Action::Poison { exchange } => return targets.poison.publish(exchange.name()).await,
        Action::DeleteQueue { service, downtime } => {
            targets.queues.delete(service).await?;
            sleep(downtime).await;
            declare_again(targets, rabbitmq.as_deref_mut()).await?;
        }
        Action::DeliverAgain { from, to } => return deliver_again(targets, from, to).await,
        Action::DeliverEarly { from, to } => {
            if let Some(proxy) = &proxy {
                return deliver_early(targets, from, to, proxy).await;
            }
        }
        Action::Cut { duration, .. } => {
            if let Some(proxy) = &proxy {
                proxy.cut();
                sleep(duration).await;
                proxy.open();
            }
        }
        Action::Stall { duration, .. } => {
            if let Some(proxy) = &proxy {
                proxy.stall();
                sleep(duration).await;
                proxy.open();
            }
        }
        Action::KillRabbitmq { downtime } => {
            if let Some(rabbitmq) = &mut rabbitmq {
                rabbitmq.kill().await?;
                sleep(downtime).await;
                rabbitmq.start().await?;
            }
        }
        Action::KillPostgres { downtime } => {
            if let Some(postgres) = &mut postgres {
                postgres.kill().await?;
                sleep(downtime).await;
                postgres.start().await?;
            }
        }
    }
    Ok(0)
}

/// Deletes the event log and makes it again, as an operator would: while nobody has to catch up from it.
async fn make_log_again(targets: &Targets, rabbitmq: Option<&mut RabbitMq>) -> anyhow::Result<()> {
    let published = published(&targets.databases).await?;
    let began = Instant::now();
    while !has_taken(&targets.databases, &published).await? && began.elapsed() < TAKEN_TIMEOUT {
        sleep(POLL_INTERVAL).await;
    }
    targets.queues.delete(bus::EVENT_LOG).await?;
    declare_again(targets, rabbitmq).await
}

/// Runs `topology`. A broker that refuses everything in a new queue is restarted first: nothing else helps (docs/operations.md).
async fn declare_again(targets: &Targets, rabbitmq: Option<&mut RabbitMq>) -> anyhow::Result<()> {
    let Err(error) = targets.queues.declare_again().await else { return Ok(()) };
    let unmarked =
        |cause: &(dyn Error + 'static)| matches!(cause.downcast_ref(), Some(TopologyError::Unmarked { .. }));
    let Some(rabbitmq) = rabbitmq.filter(|_| error.chain().any(unmarked)) else { return Err(error) };
    warn!(%error, "restarting the broker");
    rabbitmq.stop().await?;
    rabbitmq.start().await?;
    targets.queues.declare_again().await
}

/// Copies of what has just been published.
async fn deliver_again(targets: &Targets, from: Aggregate, to: &str) -> anyhow::Result<usize> {
    let caught = catch(&targets.databases, from).await?;
    until_published(&targets.databases, from, &caught).await?;
    targets.copier.deliver(to, &caught).await
}

/// Copies of what can't be published yet, the last one first: so each is ahead of its position.
async fn deliver_early(targets: &Targets, from: Aggregate, to: &str, proxy: &Proxy) -> anyhow::Result<usize> {
    proxy.stall();
    let delivered = async {
        let mut caught = catch(&targets.databases, from).await?;
        caught.reverse();
        targets.copier.deliver(to, &caught).await
    };
    let delivered = delivered.await;
    proxy.open();
    delivered
}
