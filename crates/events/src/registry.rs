use crate::cart::CartEvent;
use crate::catalog::ProductEvent;
use crate::definition::EventDefinition;
use crate::inventory::{HoldEvent, StockEvent};
use crate::notify::MailEvent;
use crate::recommend::SuggestionEvent;

/// Every event type of the shop. Schemas and documents are made from this list.
#[must_use]
pub fn definitions() -> Vec<EventDefinition> {
    [
        ProductEvent::DEFINITIONS,
        CartEvent::DEFINITIONS,
        HoldEvent::DEFINITIONS,
        StockEvent::DEFINITIONS,
        SuggestionEvent::DEFINITIONS,
        MailEvent::DEFINITIONS,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::participants::PARTICIPANTS;

    #[test]
    fn no_event_type_is_declared_twice() {
        let names: Vec<_> = definitions().iter().map(|definition| definition.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }

    #[test]
    fn every_event_type_is_named_after_a_service_and_has_a_version() {
        for EventDefinition { name, aggregate, .. } in definitions() {
            assert!(PARTICIPANTS.iter().any(|p| p.service == aggregate.service()), "{name}");
            let parts: Vec<_> = name.split('.').collect();
            assert_eq!(parts.len(), 3, "{name}");
            assert_eq!(parts[0], aggregate.service(), "{name}");
            assert!(parts[2].strip_prefix('v').is_some_and(|v| v.parse::<u32>().is_ok()), "{name}");
        }
    }

    #[test]
    fn an_example_has_the_declared_type_and_source() {
        for definition in definitions() {
            let example = definition.example().unwrap();
            assert_eq!(
                (example.kind.as_str(), example.source),
                (definition.name, definition.aggregate.source())
            );
        }
    }
}
