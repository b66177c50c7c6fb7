use crate::aggregate::Aggregate;
use crate::cart::CartEvent;
use crate::catalog::ProductEvent;
use crate::inventory::{HoldEvent, StockEvent};
use crate::notify::MailEvent;
use crate::recommend::SuggestionEvent;

/// A service, as publisher and consumer of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Its name, which is also its queue's.
    pub service: &'static str,
    /// What it publishes, each to an exchange of its own.
    pub publishes: &'static [Aggregate],
    /// The aggregates whose events it takes. It gets every event of each, so that it sees every sequence number.
    pub listens_to: &'static [Aggregate],
}

/// Every service of the shop.
pub const PARTICIPANTS: [Participant; 6] = [
    Participant { service: "catalog", publishes: &[ProductEvent::AGGREGATE], listens_to: &[] },
    Participant {
        service: "cart",
        publishes: &[CartEvent::AGGREGATE],
        listens_to: &[ProductEvent::AGGREGATE, HoldEvent::AGGREGATE, SuggestionEvent::AGGREGATE],
    },
    Participant {
        service: "inventory",
        publishes: &[HoldEvent::AGGREGATE, StockEvent::AGGREGATE],
        listens_to: &[CartEvent::AGGREGATE],
    },
    Participant {
        service: "recommend",
        publishes: &[SuggestionEvent::AGGREGATE],
        listens_to: &[ProductEvent::AGGREGATE, CartEvent::AGGREGATE, StockEvent::AGGREGATE],
    },
    Participant {
        service: "notify",
        publishes: &[MailEvent::AGGREGATE],
        listens_to: &[CartEvent::AGGREGATE, SuggestionEvent::AGGREGATE],
    },
    // It follows the event log, which has everything, instead of having a queue.
    Participant { service: "analytics", publishes: &[], listens_to: &[] },
];

/// All aggregates, of all services.
pub fn aggregates() -> impl Iterator<Item = Aggregate> {
    PARTICIPANTS.iter().flat_map(|participant| participant.publishes).copied()
}

impl Participant {
    /// The service with this name.
    #[must_use]
    pub fn named(service: &str) -> Option<Self> {
        PARTICIPANTS.into_iter().find(|participant| participant.service == service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::definitions;

    #[test]
    fn every_aggregate_is_published_by_the_service_that_it_is_named_after() {
        for Participant { service, publishes, .. } in PARTICIPANTS {
            assert!(publishes.iter().all(|aggregate| aggregate.service() == service), "{service}");
        }
        for definition in definitions() {
            let publisher = Participant::named(definition.publisher());
            assert!(publisher.is_some_and(|publisher| publisher.publishes.contains(&definition.aggregate)));
        }
    }

    #[test]
    fn every_service_listens_to_what_others_publish() {
        for Participant { service, listens_to, .. } in PARTICIPANTS {
            for aggregate in listens_to {
                assert_ne!(aggregate.service(), service);
                assert!(
                    PARTICIPANTS.iter().any(|other| other.publishes.contains(aggregate)),
                    "{aggregate:?}"
                );
            }
        }
    }
}
