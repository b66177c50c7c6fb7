//! A service's part in the topology, and what its broker user may do.

use super::names::{EVENT_LOG, dead_letters_of};

/// A service that publishes events and may listen to others'.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name, and its queue's.
    pub name: String,
    /// The aggregates whose events it publishes: `orders.orders`. Each has an exchange of that name.
    pub publishes: Vec<String>,
    /// The aggregates whose events it takes.
    pub listens_to: Vec<String>,
}

/// What a service's broker user may do, as RabbitMQ's regular expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Nothing: only the topology's user declares.
    pub configure: String,
    /// Its own exchanges.
    pub write: String,
    /// Its own queue and that of its dead letters, and the event log: to catch up from it, and to check that it receives what
    /// is published.
    pub read: String,
}

impl Service {
    /// The least that the service's broker user needs.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let dead_letters = dead_letters_of(&self.name);
        let queues = [self.name.as_str(), &dead_letters].into_iter().filter(|_| !self.listens_to.is_empty());
        Permissions {
            configure: "^$".to_owned(),
            write: exactly(self.publishes.iter().map(String::as_str)),
            read: exactly(queues.chain([EVENT_LOG])),
        }
    }
}

/// An expression that matches these names and no others.
fn exactly<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| name.replace('.', r"\.")).collect();
    match names.as_slice() {
        [] => "^$".to_owned(),
        [name] => format!("^{name}$"),
        names => format!("^({})$", names.join("|")),
    }
}

/// Those that have a queue.
pub(super) fn listeners(services: &[Service]) -> impl Iterator<Item = &Service> {
    services.iter().filter(|service| !service.listens_to.is_empty())
}

/// Every exchange that events are published to.
pub(super) fn exchanges(services: &[Service]) -> impl Iterator<Item = &String> {
    services.iter().flat_map(|service| &service.publishes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str, publishes: &[&str], listens_to: &[&str]) -> Service {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Service { name: name.into(), publishes: owned(publishes), listens_to: owned(listens_to) }
    }

    #[test]
    fn a_services_user_may_write_to_its_exchanges_and_read_its_queues_and_the_log_and_no_more() {
        let stock = service("stock", &["stock.holds", "stock.levels"], &["orders.orders"]);
        let expected = Permissions {
            configure: "^$".into(),
            write: r"^(stock\.holds|stock\.levels)$".into(),
            read: r"^(stock|stock\.dead|event-log)$".into(),
        };
        assert_eq!(stock.permissions(), expected);
    }

    #[test]
    fn a_service_that_only_publishes_or_only_listens_may_do_just_that() {
        let (orders, billing) =
            (service("orders", &["orders.orders"], &[]), service("billing", &[], &["orders.orders"]));
        assert_eq!(
            (orders.permissions().write.as_str(), orders.permissions().read.as_str()),
            (r"^orders\.orders$", "^event-log$")
        );
        assert_eq!(billing.permissions().write, "^$");
    }
}
