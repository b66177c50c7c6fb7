//! A service's part in the topology, and what its broker user may do.

use super::names::{EVENT_LOG, exchange_of};

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

/// Those that have a queue.
pub(super) fn listeners(services: &[Service]) -> impl Iterator<Item = &Service> {
    services.iter().filter(|service| !service.listens_to.is_empty())
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
    fn a_service_without_subscriptions_may_read_only_the_log() {
        let catalog = Service { name: "catalog".into(), listens_to: vec![] };
        assert_eq!(catalog.permissions().read, "^event-log$");
    }
}
