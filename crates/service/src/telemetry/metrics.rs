//! The metrics, as [Prometheus](https://prometheus.io/docs/practices/naming/) wants them. Every metric is one of
//! [`ALL`]; `docs/metrics.md` is made of it.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// A metric and what it measures.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, with its unit.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it measures.
    pub help: &'static str,
}

/// A metric's type, as Prometheus knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many observations were at or below each of these limits.
    Histogram(&'static [f64]),
}

/// In seconds: from imperceptible to unusable.
const DURATIONS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// In seconds: an event that was committed while the broker was away takes long.
const LATENCIES: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0];
const BATCHES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

macro_rules! metrics {
    ($($constant:ident: $name:literal, $kind:expr, [$($label:literal),*], $help:literal;)*) => {
        $(#[doc = $help]
        pub const $constant: Metric =
            Metric { name: $name, kind: $kind, labels: &[$($label),*], help: $help };)*

        /// Every metric.
        pub const ALL: &[Metric] = &[$($constant),*];
    };
}

metrics! {
    REQUESTS: "http_server_request_duration_seconds", Kind::Histogram(DURATIONS),
        ["service", "method", "route", "status"],
        "How long requests took, by the route's pattern and the response's status; its count gives rates and errors";
    REFUSED: "http_server_refusals_total", Kind::Counter, ["limit"],
        "Requests and connections that were refused because their client was at a limit: carts, writes, wrong-admin-keys, wrong-cart-tokens, connections";
    CONNECTIONS: "http_server_connections", Kind::Gauge, [],
        "Connections of clients";
    PUBLISHED: "bus_events_published_total", Kind::Counter, ["service", "type"],
        "Events published and confirmed by the broker. Those of inventory are the outcomes of holds, those of notify the outcomes of emails";
    WINDOWS: "bus_publish_duration_seconds", Kind::Histogram(DURATIONS), ["service"],
        "How long a window of events took, from the first message published to the last one confirmed";
    TAKEN: "bus_events_taken_total", Kind::Counter, ["service", "type"],
        "Events taken, with their effects committed";
    LATENCY: "bus_event_latency_seconds", Kind::Histogram(LATENCIES), ["service", "type"],
        "Time from an event to the commit of its effects";
    BATCH: "bus_batch_events", Kind::Histogram(BATCHES), ["service"],
        "Events per batch";
    HANDLING: "bus_handling_duration_seconds", Kind::Histogram(DURATIONS), ["service"],
        "How long a batch took, including its transaction";
    DUPLICATES: "bus_duplicates_total", Kind::Counter, ["service"],
        "Events that were delivered again and had no effect";
    FAILURES: "bus_event_failures_total", Kind::Counter, ["service", "type"],
        "Attempts at which an event's handler failed";
    PARKED: "bus_parked_events", Kind::Gauge, ["service", "state"],
        "Parked events: waiting for an earlier one, waiting for one that is nowhere to be found (`missing`: an operator must release them), failed, or fatal to the process; counted up to 1,000,000";
    OUTBOX: "bus_outbox_events", Kind::Gauge, ["service"],
        "Events in the outbox that the broker has not confirmed; counted up to 1,000,000";
    OUTBOX_UNCONFIRMED: "bus_outbox_unconfirmed_events", Kind::Gauge, ["service"],
        "Events in the outbox that were published and not confirmed in time: a queue may be without its quorum, and the others have them; anything but 0 should raise an alarm";
    OUTBOX_REFUSED: "bus_outbox_refused_events", Kind::Gauge, ["service"],
        "Events in the outbox that the broker refuses: each holds up its subject; anything but 0 should raise an alarm";
    OUTBOX_AGE: "bus_outbox_oldest_age_seconds", Kind::Gauge, ["service"],
        "Age of the oldest event in the outbox; 0 when there is none";
    TIMERS: "bus_timers", Kind::Gauge, ["service", "kind", "state"],
        "Timers that are due, that have failed and are retried, or that have failed too often and wait for an operator; counted up to 10,000 each";
    TIMERS_LATE: "bus_timers_oldest_due_seconds", Kind::Gauge, ["service"],
        "For how long the first of the due timers has been due; 0 when none is";
    TIMER_LATENESS: "bus_timer_lateness_seconds", Kind::Histogram(LATENCIES), ["service", "kind"],
        "Time from when timers were due to the commit of their effects; its count is how many have fired";
    TIMER_FAILURES: "bus_timer_failures_total", Kind::Counter, ["service", "kind"],
        "Attempts at which a timer's handler failed";
    QUEUED: "bus_queue_messages", Kind::Gauge, ["service"],
        "Messages in the service's queue that are not delivered to a consumer yet: the consumer's lag";
    DEAD: "bus_dead_letters", Kind::Gauge, ["service"],
        "Messages in the service's dead-letter queue; anything but 0 should raise an alarm";
    COMPONENT: "bus_component_up", Kind::Gauge, ["service", "component"],
        "1 while the component (relay, consumer, timers, the cart's commands, the catalogue's search, recommend's learner) is up";
    COMPONENT_STALLED: "bus_component_stalled_seconds", Kind::Gauge, ["service", "component"],
        "For how long the component has had work and made no progress; 0 when it does, or has none. A relay on standby measures the whole outbox, and so the active one";
    RELAY_ACTIVE: "bus_relay_active", Kind::Gauge, ["service"],
        "1 where the service's relay is the active one, 0 where it is ready to take over; one of a service's instances should have 1";
    UNMEASURED: "bus_backlog_unmeasured_seconds", Kind::Gauge, ["service", "place"],
        "For how long the backlog in the `database` or the `queue` could not be measured, since that did not answer in time; 0 when it was. After half a minute its metrics are NaN";
    CALLS: "calls_outside", Kind::Gauge, ["service", "target", "state"],
        "Calls to the outside, emails among them, that wait for their first attempt, are retried, or have failed for good; counted up to 100,000 each";
    CALL_ATTEMPTS: "calls_attempts_total", Kind::Counter, ["service", "target", "outcome"],
        "Attempts to call the outside, by what they came to: `done`, `postponed`, `refused`, `doubtful` (refused, and perhaps not for a reason of its own), `unanswered`, `unavailable`";
    CALLS_CIRCUIT_OPEN: "calls_circuit_open", Kind::Gauge, ["service", "target"],
        "1 while the target is unavailable and no call is made, but for a trial now and then";
    MAILS_SUPPRESSED: "notify_mails_suppressed_total", Kind::Counter, ["service", "reason"],
        "Emails that were not sent to an address: it had as many as it may get in an hour (`too-many`), or is on the suppression list (`unsubscribed`)";
    ADDRESSES_SUPPRESSED: "notify_addresses_suppressed_total", Kind::Counter, ["service", "by"],
        "Times that an address was put on the suppression list, by its `recipient` or an `operator`";
    ANALYTICS_EVENTS: "analytics_events_total", Kind::Counter, ["service", "outcome"],
        "Events of the log that analytics has seen: `counted`; `repeated`, since they were published twice; `passed-over`, since they can't be read or their data doesn't fit their type";
    ANALYTICS_BEHIND: "analytics_behind_seconds", Kind::Gauge, ["service"],
        "How old the newest event was when analytics counted it last: how far figures and the console lag behind the shop";
    UNREADABLE_ROWS: "unreadable_rows_total", Kind::Counter, ["service"],
        "Rows of the service's own that could not be read and were left out, each time; anything but 0 is a fault in the data or the program";
    UNLEARNED: "recommend_unlearned_changes", Kind::Gauge, ["service"],
        "Changes that recommend's learner has not learned yet: how far suggestions lag behind the carts";
}

static EXPORTER: OnceLock<PrometheusHandle> = OnceLock::new();
/// Observations of histograms are aggregated this often, so that they don't pile up where nobody scrapes them.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts to record metrics.
pub(super) fn start() -> anyhow::Result<()> {
    let mut exporter = PrometheusBuilder::new();
    for metric in ALL {
        if let Kind::Histogram(limits) = metric.kind {
            exporter = exporter.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), limits)?;
        }
    }
    let handle = exporter.install_recorder()?;
    for Metric { name, kind, help, .. } in ALL {
        match kind {
            Kind::Counter => metrics::describe_counter!(*name, *help),
            Kind::Gauge => metrics::describe_gauge!(*name, *help),
            Kind::Histogram(_) => metrics::describe_histogram!(*name, *help),
        }
    }
    let upkeep = EXPORTER.get_or_init(|| handle).clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    Ok(())
}

/// All metrics as they are now, in Prometheus's text format.
pub(crate) async fn page() -> String {
    EXPORTER.get().map(PrometheusHandle::render).unwrap_or_default()
}
