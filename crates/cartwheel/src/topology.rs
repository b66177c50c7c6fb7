//! `topology`: the exchanges, queues and bindings of the shop, from the contract.

use bus::{Broker, LogRetention, Service, Topology};
use envelope::Clock;
use events::{Aggregate, PARTICIPANTS, Participant};

use crate::cli::operators::TopologyUrl;

/// The exchanges, queues and bindings of the shop, with an event log that keeps as much as usual.
#[must_use]
pub fn topology() -> Topology {
    let service = |participant: &Participant| Service {
        name: participant.service.to_owned(),
        publishes: names(participant.publishes),
        listens_to: names(participant.listens_to),
    };
    Topology {
        services: PARTICIPANTS.iter().map(service).collect(),
        retired_exchanges: events::retired_exchanges(),
        log: LogRetention::default(),
    }
}

/// The pages as the broker sees them: they publish nothing, have no queue, and read the event log.
#[must_use]
pub fn pages() -> Service {
    Service { name: "web".to_owned(), publishes: Vec::new(), listens_to: Vec::new() }
}

fn names(aggregates: &[Aggregate]) -> Vec<String> {
    aggregates.iter().map(|aggregate| aggregate.name().to_owned()).collect()
}

/// Declares what is missing of them.
///
/// # Errors
/// When the broker can't be reached, refuses, or has something that differs.
pub async fn declare(settings: &TopologyUrl, clock: Clock) -> anyhow::Result<()> {
    let created = Topology { log: settings.log.retention(), ..topology() }
        .apply(&Broker::new(settings.rabbitmq_url.expose(), "topology"), clock)
        .await?;
    tracing::info!(?created, "the topology is complete");
    Ok(())
}
