//! What the metrics say of each service and each exchange.

use events::{Aggregate, EventDefinition, PARTICIPANTS, Participant, definitions};

use super::sampler::Reading;
use crate::services::Service;

/// A service, as publisher and consumer of events.
#[derive(Clone, Debug, Default)]
pub struct ServiceFlow {
    pub name: &'static str,
    pub listens_to: Vec<&'static str>,
    /// Whether its metrics could be read; all else is nothing where not.
    pub answers: bool,
    /// Events in a second; `None` where it isn't known yet.
    pub published: Option<f64>,
    pub taken: Option<f64>,
    /// Messages in its queue.
    pub queue: f64,
    pub outbox: f64,
    pub outbox_age: f64,
    pub unconfirmed: f64,
    pub refused: f64,
    /// Parked events that failed or crashed the process, and those that wait for others.
    pub parked_failed: f64,
    pub parked_waiting: f64,
    pub dead: f64,
    /// Timers that are due, and those that have failed too often.
    pub timers_due: f64,
    pub timers_late: f64,
    pub timers_failed: f64,
    /// What is not up: its relay, its consumer.
    pub down: Vec<String>,
    /// Calls to the outside that have failed for good, and targets that are not called at present.
    pub calls_failed: f64,
    pub circuits_open: Vec<String>,
}

/// An exchange.
#[derive(Clone, Debug)]
pub struct ExchangeFlow {
    pub name: &'static str,
    pub publisher: &'static str,
    pub published: Option<f64>,
}

/// Everything that flows.
#[derive(Clone, Debug)]
pub struct Flow {
    pub services: Vec<ServiceFlow>,
    pub exchanges: Vec<ExchangeFlow>,
}

impl Flow {
    pub fn of(reading: &Reading) -> Self {
        let services = PARTICIPANTS.iter().map(|participant| service(reading, participant)).collect();
        let definitions = definitions();
        let exchanges = PARTICIPANTS.iter().flat_map(|participant| {
            participant
                .publishes
                .iter()
                .map(|aggregate| exchange(reading, participant, *aggregate, &definitions))
        });
        Self { services, exchanges: exchanges.collect() }
    }

    /// Without services that neither publish nor listen to an exchange, as one that follows the event log.
    pub fn of_exchanges(&self) -> Self {
        let publishes = |name| self.exchanges.iter().any(|exchange| exchange.publisher == name);
        let takes_part = |service: &&ServiceFlow| publishes(service.name) || !service.listens_to.is_empty();
        let services = self.services.iter().filter(takes_part).cloned().collect();
        Self { services, exchanges: self.exchanges.clone() }
    }
}

fn service(reading: &Reading, participant: &Participant) -> ServiceFlow {
    let name = participant.service;
    let listens_to = participant.listens_to.iter().map(|aggregate| aggregate.name()).collect();
    if Service::named(name).is_none_or(|service| reading.silent.contains(&service)) {
        return ServiceFlow { name, listens_to, ..ServiceFlow::default() };
    }
    let own = [("service", name)];
    let sum = |metric: &str| reading.now.sum(metric, &own).unwrap_or(0.0);
    let of_state = |metric: &str, state| reading.now.sum(metric, &[own[0], ("state", state)]).unwrap_or(0.0);
    let named = |metric: &str, label, wanted: f64| -> Vec<String> {
        let all = reading.now.by(metric, &own, label).into_iter();
        // Gauges of a state are exactly 0 or 1.
        all.filter(|(_, value)| value.total_cmp(&wanted).is_eq()).map(|(name, _)| name.to_owned()).collect()
    };
    ServiceFlow {
        name,
        listens_to,
        answers: true,
        published: reading.rate("bus_events_published_total", &own),
        taken: reading.rate("bus_events_taken_total", &own),
        queue: sum("bus_queue_messages"),
        outbox: sum("bus_outbox_events"),
        outbox_age: sum("bus_outbox_oldest_age_seconds"),
        unconfirmed: sum("bus_outbox_unconfirmed_events"),
        refused: sum("bus_outbox_refused_events"),
        parked_failed: of_state("bus_parked_events", "failed") + of_state("bus_parked_events", "fatal"),
        parked_waiting: of_state("bus_parked_events", "waiting"),
        dead: sum("bus_dead_letters"),
        timers_due: of_state("bus_timers", "due"),
        timers_late: sum("bus_timers_oldest_due_seconds"),
        timers_failed: of_state("bus_timers", "failed"),
        down: named("bus_component_up", "component", 0.0),
        calls_failed: of_state("calls_outside", "failed"),
        circuits_open: named("calls_circuit_open", "target", 1.0),
    }
}

fn exchange(
    reading: &Reading,
    participant: &Participant,
    aggregate: Aggregate,
    definitions: &[EventDefinition],
) -> ExchangeFlow {
    let types = definitions.iter().filter(|definition| definition.aggregate == aggregate);
    let rates = types.map(|definition| {
        let labels = [("service", participant.service), ("type", definition.name)];
        reading.rate("bus_events_published_total", &labels)
    });
    ExchangeFlow { name: aggregate.name(), publisher: participant.service, published: rates.sum() }
}
