use std::time::Duration;

use bus::{Backlog, Bus, Health, HealthState, QueueWatch, Queued};
use chrono::{DateTime, Utc};
use envelope::Clock;
use metrics::gauge;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::metrics::{COMPONENT, DEAD, OUTBOX, OUTBOX_AGE, PARKED, QUEUED};

const LOOK: Duration = Duration::from_secs(5);
/// What can't be asked in time is told at the next look.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at what waits, every few seconds until `stop`. `queue` is none for who listens to nobody.
pub async fn watch_backlog(
    service: &'static str,
    bus: Bus,
    mut queue: Option<QueueWatch>,
    parts: Vec<Health>,
    clock: Clock,
    stop: CancellationToken,
) {
    loop {
        match tokio::time::timeout(PATIENCE, bus.backlog()).await {
            Ok(Ok(backlog)) => tell_backlog(service, &backlog, clock.now()),
            problem => debug!(service, ?problem, "what waits in the database can't be told"),
        }
        if let Some(queue) = &mut queue {
            match queue.look().await {
                Ok(queued) => tell_queued(service, queued),
                Err(error) => debug!(service, %error, "what waits in the queue can't be told"),
            }
        }
        for part in &parts {
            let up = if part.state() == HealthState::Up { 1.0 } else { 0.0 };
            gauge!(COMPONENT.name, "service" => service, "component" => part.name().to_owned()).set(up);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "Prometheus counts in floats")]
fn tell_backlog(service: &'static str, backlog: &Backlog, now: DateTime<Utc>) {
    gauge!(OUTBOX.name, "service" => service).set(backlog.outbox as f64);
    let age = backlog.oldest.and_then(|oldest| (now - oldest).to_std().ok()).unwrap_or_default();
    gauge!(OUTBOX_AGE.name, "service" => service).set(age.as_secs_f64());
    for (state, number) in
        [("waiting", backlog.waiting), ("failed", backlog.failed), ("fatal", backlog.fatal)]
    {
        gauge!(PARKED.name, "service" => service, "state" => state).set(number as f64);
    }
}

fn tell_queued(service: &'static str, queued: Queued) {
    gauge!(QUEUED.name, "service" => service).set(queued.ready);
    gauge!(DEAD.name, "service" => service).set(queued.dead);
}
