//! How a service takes part in the exchange of events.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use envelope::Clock;

use crate::connection::Broker;
use crate::consumer::timeouts::Timeouts;
use crate::observer::Observer;
use crate::renamed_source::{RenamedSource, RenamedSources};
use crate::trace::Traces;

/// How a service takes part.
#[derive(Clone)]
pub struct Settings {
    pub(crate) service: String,
    pub(crate) instance: String,
    pub(crate) publishes: Vec<String>,
    pub(crate) listens_to: Option<Vec<String>>,
    pub(crate) unpacked: BTreeSet<String>,
    pub(crate) renamed_sources: RenamedSources,
    pub(crate) broker: Broker,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) traces: Traces,
    pub(crate) clock: Clock,
    pub(crate) timeouts: Timeouts,
    pub(crate) accepts_short_log: bool,
    pub(crate) confirm_timeout: Duration,
    pub(crate) max_unconfirmed: usize,
    pub(crate) max_event_bytes: usize,
    pub(crate) refused_retry: Duration,
}

impl Settings {
    /// `service` is its name in the topology; `broker_url` is `amqp://user:password@host:port/vhost`, for the
    /// service's own broker user. `?heartbeat=5` sets the seconds between heartbeats (10 by default): two missed ones
    /// end a connection that is half open.
    #[must_use]
    pub fn new(service: &str, broker_url: &str) -> Self {
        Self {
            service: service.to_owned(),
            instance: format!("process {}", std::process::id()),
            publishes: Vec::new(),
            listens_to: None,
            unpacked: BTreeSet::new(),
            renamed_sources: RenamedSources::default(),
            broker: Broker::new(broker_url, service),
            observer: Arc::new(()),
            traces: Traces::none(service),
            clock: Clock::system(),
            confirm_timeout: Duration::from_secs(30),
            max_unconfirmed: 100_000,
            max_event_bytes: 8 << 20,
            refused_retry: Duration::from_mins(10),
            timeouts: Timeouts {
                handling: Duration::from_mins(1),
                outage: Duration::from_mins(1),
                gap: Duration::from_secs(30),
                ended: Duration::from_hours(35 * 24),
            },
            accepts_short_log: false,
        }
    }

    /// The aggregates whose events the service publishes: `orders.orders`.
    #[must_use]
    pub fn publishes<A: Into<String>>(mut self, aggregates: impl IntoIterator<Item = A>) -> Self {
        self.publishes = aggregates.into_iter().map(Into::into).collect();
        self
    }

    /// The aggregates whose events the service takes, as in its topology. This matters for events that must not overtake
    /// [another aggregate's](method@envelope::Envelope::after): if the service takes nothing of that aggregate, they don't
    /// have to wait. Unless set, they always do.
    #[must_use]
    pub fn listens_to<A: Into<String>>(mut self, aggregates: impl IntoIterator<Item = A>) -> Self {
        self.listens_to = Some(aggregates.into_iter().map(Into::into).collect());
        self
    }

    /// The [published](Self::publishes) aggregates that have one event per message, for listeners that don't support
    /// [batches](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#4-json-batch-format).
    #[must_use]
    pub fn one_event_per_message<A: Into<String>>(mut self, aggregates: impl IntoIterator<Item = A>) -> Self {
        self.unpacked = aggregates.into_iter().map(Into::into).collect();
        self
    }

    /// Sources that earlier releases named differently, of this service and of those that it listens to.
    #[must_use]
    pub fn renamed_sources(mut self, sources: Vec<RenamedSource>) -> Self {
        self.renamed_sources = RenamedSources::new(sources);
        self
    }

    /// Allows catching up to start at the beginning of the event log if the log no longer reaches back far enough: what lies
    /// between is lost for this service. Refused unless set.
    #[must_use]
    pub fn accept_short_log(mut self, accept: bool) -> Self {
        self.accepts_short_log = accept;
        self
    }

    /// How long a batch may take (a minute unless set). After that it is tried again on another connection to the database,
    /// since the present one may be half open.
    #[must_use]
    pub fn handling_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.handling = timeout;
        self
    }

    /// How long a consumer keeps its messages while the database is down (a minute unless set). After that it returns them,
    /// and takes none until the database answers. Must be shorter than the broker's consumer timeout.
    #[must_use]
    pub fn outage_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.outage = timeout;
        self
    }

    /// How long the relay waits for a broker that neither confirms nor answers before it starts over on another connection
    /// (30 seconds unless set; each time this doesn't help, it waits twice as long). Time during which the broker blocks its
    /// publishers does not count.
    #[must_use]
    pub fn confirm_timeout(mut self, timeout: Duration) -> Self {
        self.confirm_timeout = timeout;
        self
    }

    /// About how many events the relay publishes that the broker has but doesn't confirm because one of the queues is without
    /// its quorum (100,000 unless set, give or take a window). The broker keeps them in memory; beyond its
    /// `quorum_commands_soft_limit` it takes no more from the relay.
    #[must_use]
    pub fn max_unconfirmed(mut self, events: usize) -> Self {
        self.max_unconfirmed = events;
        self
    }

    /// The largest event that is written into the outbox, in bytes of its message's body (8 MiB unless set). Brokers accept
    /// no more than their `max_message_size`: 16 MiB by default in RabbitMQ 4.
    #[must_use]
    pub fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.max_event_bytes = bytes;
        self
    }

    /// How long after the broker has refused an event it is published again (10 minutes unless set).
    #[must_use]
    pub fn refused_retry(mut self, time: Duration) -> Self {
        self.refused_retry = time;
        self
    }

    /// How long an event waits for the one before it until that one is searched for in the event log (30 seconds unless set).
    /// The broker needs some heartbeats to notice that an instance died and to redeliver its messages, so there is no hurry.
    #[must_use]
    pub fn gap_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.gap = timeout;
        self
    }

    /// How long the position of an ended subject is kept (35 days unless set). Must be longer than the event log reaches
    /// back: once it is deleted, duplicates are no longer refused. The publisher keeps the subject's last number for twice as
    /// long, and until then refuses to write events of that subject.
    #[must_use]
    pub fn ended_subjects_kept(mut self, time: Duration) -> Self {
        self.timeouts.ended = time;
        self
    }

    /// Notifies this observer of what happens to events.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn Observer>) -> Self {
        Self { observer, ..self }
    }

    /// Creates spans for events that are sent and processed, by [OpenTelemetry](https://opentelemetry.io)'s conventions for
    /// messaging.
    #[cfg(feature = "opentelemetry")]
    #[must_use]
    pub fn traced_by(self, tracer: opentelemetry::global::BoxedTracer) -> Self {
        Self { traces: Traces::new(tracer, &self.service), ..self }
    }

    /// Dates events by this clock (the machine's unless set).
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Names this instance of the service in the management UI, for example by its host.
    #[must_use]
    pub fn instance(self, instance: impl Into<String>) -> Self {
        Self { instance: instance.into(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setter_sets_its_own_timeout() {
        let seconds = Duration::from_secs;
        let settings = Settings::new("billing", "amqp://localhost")
            .handling_timeout(seconds(11))
            .outage_timeout(seconds(12))
            .gap_timeout(seconds(13))
            .ended_subjects_kept(seconds(14))
            .confirm_timeout(seconds(15))
            .refused_retry(seconds(16));
        let Timeouts { handling, outage, gap, ended } = settings.timeouts;
        let set = [handling, outage, gap, ended, settings.confirm_timeout, settings.refused_retry];
        assert_eq!(set, [11, 12, 13, 14, 15, 16].map(seconds));
    }
}
