//! Exchanges, queues and bindings: who publishes, who listens to whom. One place declares them, with a broker user
//! of its own; the services only look, see [`crate::connection`].

mod arguments;
mod declaring;
mod difference;

use std::time::{Duration, Instant};

use envelope::Clock;
use lapin::types::FieldTable;

use crate::connection::{Broker, is_booting};

pub use difference::Difference;

/// The stream queue that keeps a copy of every event of every service.
pub const EVENT_LOG: &str = "event-log";

/// How long a broker that has just started may take to bring up the queues that it has.
const BOOT: Duration = Duration::from_mins(1);
const BOOT_PAUSE: Duration = Duration::from_millis(500);

/// The exchange of a service's events.
#[must_use]
pub fn exchange_of(service: &str) -> String {
    format!("{service}.events")
}

/// The name of the exchange and the queue of what the broker gave up delivering to a service.
#[must_use]
pub fn dead_letters_of(service: &str) -> String {
    format!("{service}.dead")
}

/// A service that publishes events and may listen to others'.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name, and its queue's.
    pub name: String,
    /// The services whose events it takes.
    pub listens_to: Vec<String>,
}

/// What a service's broker user may do, as RabbitMQ's regular expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Nothing: only the topology's user declares.
    pub configure: String,
    /// Its own exchange.
    pub write: String,
    /// Its own queue, and the event log: to catch up from, and to see that it takes what is published.
    pub read: String,
}

impl Service {
    /// The exchanges of the services that it listens to.
    pub(crate) fn sources(&self) -> Vec<String> {
        self.listens_to.iter().map(|source| exchange_of(source)).collect()
    }

    /// The least that the service's broker user needs.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let exactly = |name: &str| name.replace('.', r"\.");
        let (queue, log) = (exactly(&self.name), exactly(EVENT_LOG));
        Permissions {
            configure: "^$".to_owned(),
            write: format!("^{}$", exactly(&exchange_of(&self.name))),
            read: if self.listens_to.is_empty() { format!("^{log}$") } else { format!("^({queue}|{log})$") },
        }
    }
}

/// All exchanges, queues and bindings of a system.
#[derive(Clone, Debug)]
pub struct Topology {
    /// Every service that takes part.
    pub services: Vec<Service>,
}

/// What is wrong with the topology that a broker has.
#[derive(Debug, Default)]
pub struct Flaws {
    /// Exchanges and queues that are missing: `queue 'cart'`.
    pub missing: Vec<String>,
    /// Those with other properties.
    pub differences: Vec<Difference>,
}

/// Why the topology could not be brought about.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// The broker has some of it with other properties, which can't be changed on what exists.
    #[error("the broker has other properties than this version wants:\n{}", difference::lines(.0))]
    Differs(Vec<Difference>),
    /// A new queue's marker was not confirmed.
    #[error("the broker did not confirm the marker in the new queue '{0}': run `topology` again")]
    Unmarked(String),
    /// Anything else that the broker or the network says.
    #[error("the topology could not be declared: {0}")]
    Broker(#[from] lapin::Error),
}

impl Topology {
    /// Declares everything that is missing; changes nothing that is there. Returns what it created.
    ///
    /// `clock` dates the markers of new queues. Returns only once new queues have settled, so that nobody publishes into one that could still lose messages.
    pub async fn apply(&self, broker: &Broker, clock: Clock) -> Result<Vec<String>, TopologyError> {
        let began = Instant::now();
        loop {
            match declaring::apply(self, broker, clock).await {
                Err(TopologyError::Broker(error)) if is_booting(&error) && began.elapsed() < BOOT => {
                    tokio::time::sleep(BOOT_PAUSE).await;
                }
                applied => return applied,
            }
        }
    }

    /// Looks whether all of it is there, and as it should be; changes nothing. Bindings can't be looked at in this way,
    /// see [`bindings`](Self::bindings).
    pub async fn check(&self, broker: &Broker) -> Result<Flaws, TopologyError> {
        declaring::check(self, broker).await
    }

    /// Which exchange leads to which queue: `(exchange, queue)`.
    #[must_use]
    pub fn bindings(&self) -> Vec<(String, String)> {
        let to_log = self.services.iter().map(|service| (exchange_of(&service.name), EVENT_LOG.to_owned()));
        let to_services = self
            .listeners()
            .flat_map(|service| service.sources().into_iter().map(|source| (source, service.name.clone())));
        let to_dead =
            self.listeners().map(|service| (dead_letters_of(&service.name), dead_letters_of(&service.name)));
        to_log.chain(to_services).chain(to_dead).collect()
    }

    /// Every queue with its properties. Where dead letters go stands before the queue that they come from.
    fn queues(&self) -> Vec<(String, FieldTable)> {
        let of_services = self.listeners().flat_map(|Service { name, .. }| {
            [
                (dead_letters_of(name), arguments::dead_letter_queue()),
                (name.clone(), arguments::service_queue(name)),
            ]
        });
        of_services.chain([(EVENT_LOG.to_owned(), arguments::event_log())]).collect()
    }

    fn listeners(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(|service| !service.listens_to.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_user_may_write_to_its_exchange_and_read_its_queue_and_the_log_and_no_more() {
        let cart = Service { name: "cart".into(), listens_to: vec!["catalog".into()] };
        let expected = Permissions {
            configure: "^$".into(),
            write: r"^cart\.events$".into(),
            read: "^(cart|event-log)$".into(),
        };
        assert_eq!(cart.permissions(), expected);
    }

    #[test]
    fn who_listens_to_nobody_may_read_the_log_alone() {
        let catalog = Service { name: "catalog".into(), listens_to: vec![] };
        assert_eq!(catalog.permissions().read, "^event-log$");
    }
}
