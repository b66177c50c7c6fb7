//! Exchanges, queues and bindings: who publishes, who listens to whom. One place declares them, with a broker user of its
//! own; the services only check that they exist.

mod arguments;
mod declare;
pub(crate) mod difference;
pub(crate) mod error;
pub(crate) mod log_retention;
pub(crate) mod marker;
pub(crate) mod names;
pub(crate) mod service;

use std::time::{Duration, Instant};

use envelope::Clock;

use crate::connection::Broker;
use crate::passive_declare::is_booting;
use difference::Difference;
use error::TopologyError;
use log_retention::LogRetention;
use names::{EVENT_LOG, dead_letters_of};
use service::{Service, exchanges, listeners};

/// How long a broker that has just started may take to bring up the queues that it has.
const BOOT_TIMEOUT: Duration = Duration::from_mins(1);
const BOOT_PAUSE: Duration = Duration::from_millis(500);

/// All exchanges, queues and bindings of a system.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// Every service that takes part.
    pub services: Vec<Service>,
    /// Exchanges that only former releases published to: [`apply`](Self::apply) deletes them. Messages that they have routed
    /// stay where they are.
    pub retired_exchanges: Vec<String>,
    /// How much the event log keeps.
    pub log: LogRetention,
}

/// What is wrong with a broker's topology.
#[derive(Debug, Default)]
pub struct TopologyReport {
    /// Exchanges and queues that are missing: `queue 'cart'`.
    pub missing: Vec<String>,
    /// Exchanges and queues with other properties.
    pub differences: Vec<Difference>,
}

impl Topology {
    /// Declares everything that is missing, and deletes exchanges that are retired; changes nothing else. Returns what it
    /// created.
    ///
    /// `clock` dates the markers of new queues. Returns only once new queues have settled, so that nobody publishes
    /// into one that could still lose messages.
    ///
    /// # Errors
    /// When the broker can't be reached, refuses a declaration, or has something of that name with other properties.
    pub async fn apply(&self, broker: &Broker, clock: Clock) -> Result<Vec<String>, TopologyError> {
        let began = Instant::now();
        loop {
            match declare::apply(self, broker, clock).await {
                Err(TopologyError::Broker(error)) if is_booting(&error) && began.elapsed() < BOOT_TIMEOUT => {
                    tokio::time::sleep(BOOT_PAUSE).await;
                }
                applied => return applied,
            }
        }
    }

    /// Checks that all of it exists with the right properties; changes nothing. Bindings can't be checked in this way, see
    /// [`bindings`](Self::bindings).
    ///
    /// # Errors
    /// When the broker can't be reached or refuses a request. Missing or different exchanges and queues are not an error.
    pub async fn check(&self, broker: &Broker) -> Result<TopologyReport, TopologyError> {
        let (missing, differences) = declare::check(self, broker).await?;
        Ok(TopologyReport { missing, differences })
    }

    /// Which exchange leads to which queue: `(exchange, queue)`.
    #[must_use]
    pub fn bindings(&self) -> Vec<(String, String)> {
        let to_log = exchanges(&self.services).map(|exchange| (exchange.clone(), EVENT_LOG.to_owned()));
        let to_services = listeners(&self.services).flat_map(|service| {
            service.listens_to.iter().map(|exchange| (exchange.clone(), service.name.clone()))
        });
        let to_dead = listeners(&self.services)
            .map(|service| (dead_letters_of(&service.name), dead_letters_of(&service.name)));
        to_log.chain(to_services).chain(to_dead).collect()
    }
}
