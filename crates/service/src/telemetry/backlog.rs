use std::collections::BTreeSet;
use std::time::Duration;

use bus::{Backlog, Bus, Health, HealthState, QueueWatch, Queued, TimerBacklog};
use chrono::{DateTime, Utc};
use envelope::Clock;
use metrics::gauge;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::metrics::{
    COMPONENT, DEAD, OUTBOX, OUTBOX_AGE, OUTBOX_REFUSED, OUTBOX_UNCONFIRMED, PARKED, QUEUED, TIMERS,
    TIMERS_LATE,
};

const INTERVAL: Duration = Duration::from_secs(5);
/// What doesn't answer in time is measured at the next interval.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Measures the backlog every few seconds until `stop`. `queue` is none for a service that listens to no other.
pub async fn watch_backlog(
    service: &'static str,
    bus: Bus,
    mut queue: Option<QueueWatch>,
    components: Vec<Health>,
    clock: Clock,
    stop: CancellationToken,
) {
    let mut kinds = BTreeSet::new();
    loop {
        match tokio::time::timeout(TIMEOUT, bus.backlog()).await {
            Ok(Ok(backlog)) => {
                record_backlog(service, &backlog, clock.now());
                record_timers(service, &backlog.timers, &mut kinds);
            }
            problem => debug!(service, ?problem, "the backlog in the database can't be measured"),
        }
        if let Some(queue) = &mut queue {
            match queue.look().await {
                Ok(queued) => record_queued(service, queued),
                Err(error) => debug!(service, %error, "the backlog in the queue can't be measured"),
            }
        }
        for component in &components {
            let up = if component.state() == HealthState::Up { 1.0 } else { 0.0 };
            gauge!(COMPONENT.name, "service" => service, "component" => component.name().to_owned()).set(up);
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stop.cancelled() => return,
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "Prometheus counts in floats")]
fn record_backlog(service: &'static str, backlog: &Backlog, now: DateTime<Utc>) {
    gauge!(OUTBOX.name, "service" => service).set(backlog.outbox as f64);
    gauge!(OUTBOX_UNCONFIRMED.name, "service" => service).set(backlog.unconfirmed as f64);
    gauge!(OUTBOX_REFUSED.name, "service" => service).set(backlog.refused as f64);
    let age = backlog.oldest.and_then(|oldest| (now - oldest).to_std().ok()).unwrap_or_default();
    gauge!(OUTBOX_AGE.name, "service" => service).set(age.as_secs_f64());
    for (state, number) in
        [("waiting", backlog.waiting), ("failed", backlog.failed), ("fatal", backlog.fatal)]
    {
        gauge!(PARKED.name, "service" => service, "state" => state).set(number as f64);
    }
}

/// `kinds` are those that were there before: a gauge keeps its value until it gets another one.
#[allow(clippy::cast_precision_loss, reason = "Prometheus counts in floats")]
fn record_timers(service: &'static str, timers: &[TimerBacklog], kinds: &mut BTreeSet<String>) {
    kinds.extend(timers.iter().map(|backlog| backlog.kind.clone()));
    for kind in &*kinds {
        let backlog = timers.iter().find(|backlog| backlog.kind == *kind);
        let (due, retried, failed) =
            backlog.map(|backlog| (backlog.due, backlog.retried, backlog.failed)).unwrap_or_default();
        for (state, number) in [("due", due), ("retried", retried), ("failed", failed)] {
            let gauge = gauge!(TIMERS.name, "service" => service, "kind" => kind.clone(), "state" => state);
            gauge.set(number as f64);
        }
    }
    let late = timers.iter().map(|backlog| backlog.late).max().unwrap_or_default();
    gauge!(TIMERS_LATE.name, "service" => service).set(late.as_secs_f64());
}

fn record_queued(service: &'static str, queued: Queued) {
    gauge!(QUEUED.name, "service" => service).set(queued.ready);
    gauge!(DEAD.name, "service" => service).set(queued.dead);
}
