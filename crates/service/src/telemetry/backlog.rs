use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bus::{Backlog, Bus, Health, HealthState, QueueWatch, TimerBacklog};
use chrono::{DateTime, Utc};
use envelope::Clock;
use metrics::gauge;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::metrics::{
    COMPONENT, COMPONENT_STALLED, DEAD, OUTBOX, OUTBOX_AGE, OUTBOX_REFUSED, OUTBOX_UNCONFIRMED, PARKED,
    QUEUED, RELAY_ACTIVE, TIMERS, TIMERS_LATE, UNMEASURED,
};

const RELAY: &str = "relay";
const PARKED_STATES: [&str; 4] = ["waiting", "missing", "failed", "fatal"];
const TIMER_STATES: [&str; 3] = ["due", "retried", "failed"];

const INTERVAL: Duration = Duration::from_secs(5);
/// What doesn't answer in time is measured at the next interval.
const TIMEOUT: Duration = Duration::from_secs(3);

/// What could not be measured for so long is not known any more.
const OLD: Duration = Duration::from_secs(30);

/// When something was measured last.
struct Measured {
    place: &'static str,
    last: Instant,
}

impl Measured {
    fn new(place: &'static str) -> Self {
        Self { place, last: Instant::now() }
    }

    /// Reports whether it was measured now; returns whether its last measurement is too old to be shown.
    fn note(&mut self, service: &'static str, is_measured: bool) -> bool {
        if is_measured {
            self.last = Instant::now();
        }
        let since = if is_measured { Duration::ZERO } else { self.last.elapsed() };
        gauge!(UNMEASURED.name, "service" => service, "place" => self.place).set(since.as_secs_f64());
        since > OLD
    }
}

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
    let (mut in_database, mut in_queue) = (Measured::new("database"), Measured::new("queue"));
    loop {
        record_components(service, &components);
        let backlog = tokio::time::timeout(TIMEOUT, bus.backlog()).await;
        if let Ok(Ok(backlog)) = &backlog {
            record_backlog(service, backlog, clock.now());
            record_timers(service, &backlog.timers, &mut kinds);
        } else {
            debug!(service, ?backlog, "the backlog in the database can't be measured");
        }
        if in_database.note(service, matches!(backlog, Ok(Ok(_)))) {
            forget_backlog(service, &kinds);
        }
        if let Some(queue) = &mut queue {
            let queued = queue.look().await;
            match &queued {
                Ok(queued) => record_queued(service, f64::from(queued.ready), f64::from(queued.dead)),
                Err(error) => debug!(service, %error, "the backlog in the queue can't be measured"),
            }
            if in_queue.note(service, queued.is_ok()) {
                record_queued(service, f64::NAN, f64::NAN);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn record_components(service: &'static str, components: &[Health]) {
    for component in components {
        let labels = [("service", service.to_owned()), ("component", component.name().to_owned())];
        gauge!(COMPONENT.name, &labels).set(if component.is_up() { 1.0 } else { 0.0 });
        gauge!(COMPONENT_STALLED.name, &labels).set(component.without_progress().as_secs_f64());
        if component.name() == RELAY {
            let is_active = component.state() == HealthState::Up;
            gauge!(RELAY_ACTIVE.name, "service" => service).set(if is_active { 1.0 } else { 0.0 });
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
    let numbers = [backlog.waiting, backlog.missing, backlog.failed, backlog.fatal];
    for (state, number) in PARKED_STATES.into_iter().zip(numbers) {
        gauge!(PARKED.name, "service" => service, "state" => state).set(number as f64);
    }
}

/// What was measured long ago is not what is.
fn forget_backlog(service: &'static str, kinds: &BTreeSet<String>) {
    for metric in [OUTBOX, OUTBOX_UNCONFIRMED, OUTBOX_REFUSED, OUTBOX_AGE, TIMERS_LATE] {
        gauge!(metric.name, "service" => service).set(f64::NAN);
    }
    for state in PARKED_STATES {
        gauge!(PARKED.name, "service" => service, "state" => state).set(f64::NAN);
    }
    for (kind, state) in kinds.iter().flat_map(|kind| TIMER_STATES.map(|state| (kind, state))) {
        gauge!(TIMERS.name, "service" => service, "kind" => kind.clone(), "state" => state).set(f64::NAN);
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
        for (state, number) in TIMER_STATES.into_iter().zip([due, retried, failed]) {
            let gauge = gauge!(TIMERS.name, "service" => service, "kind" => kind.clone(), "state" => state);
            gauge.set(number as f64);
        }
    }
    let late = timers.iter().map(|backlog| backlog.late).max().unwrap_or_default();
    gauge!(TIMERS_LATE.name, "service" => service).set(late.as_secs_f64());
}

fn record_queued(service: &'static str, ready: f64, dead: f64) {
    gauge!(QUEUED.name, "service" => service).set(ready);
    gauge!(DEAD.name, "service" => service).set(dead);
}
