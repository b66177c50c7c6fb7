//! Exchanges and queues whose properties differ from the wanted ones, and what to do about it.

use std::fmt;

use super::names::EVENT_LOG;

/// An exchange or a queue that exists with a property that differs from the wanted one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is: `queue 'cart'`.
    pub what: String,
    /// The first property that differs; the broker doesn't name others.
    pub property: String,
    /// The value that this version wants.
    pub wanted: String,
    /// Its value on the broker.
    pub found: String,
}

impl Difference {
    /// From the broker's refusal: `inequivalent arg 'durable' for queue 'cart' in vhost '/': received 'true' but
    /// current is 'false'`. Some versions write a value as `the value '20' of type 'long'`, a missing one as `none`.
    pub(super) fn read(what: String, refusal: &str) -> Self {
        let parsed = || {
            let (_, rest) = refusal.split_once("inequivalent arg '")?;
            let (property, rest) = rest.split_once('\'')?;
            let (wanted, found) = rest.split_once(": received ")?.1.split_once(" but current is ")?;
            Some((property.to_owned(), value(wanted), value(found)))
        };
        let (property, wanted, found) =
            parsed().unwrap_or_else(|| ("a property".to_owned(), "another".to_owned(), refusal.to_owned()));
        Self { what, property, wanted, found }
    }

    /// What it is, with both values.
    #[must_use]
    pub fn description(&self) -> String {
        let Self { what, property, wanted, found } = self;
        format!("{what}: {property} should be {wanted}, but is {found}")
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        if self.what.starts_with("exchange") {
            "Delete it and run `topology` again: events wait in the outbox meanwhile"
        } else if self.what == format!("queue '{EVENT_LOG}'") {
            "Delete it and run `topology` again, at a time when no service has to catch up: its history is lost"
        } else if self.what.ends_with(".dead'") {
            "Save what is in it, delete it, and run `topology` again"
        } else {
            "Delete it and run `topology` again: its consumers then catch up from the event log by themselves"
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}.", self.description(), self.advice())
    }
}

/// One line each.
pub(super) fn lines(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn value(words: &str) -> String {
    let quoted = words.split_once('\'').and_then(|(_, rest)| rest.split_once('\''));
    quoted.map_or_else(|| words.to_owned(), |(value, _)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(refusal: &str) -> (String, String, String) {
        let Difference { property, wanted, found, .. } = Difference::read("queue 'cart'".into(), refusal);
        (property, wanted, found)
    }

    #[test]
    fn the_brokers_refusal_names_the_property_and_both_values() {
        let refusal = "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'cart' in vhost '/': \
                       received 'quorum' but current is 'classic'";
        assert_eq!(read(refusal), ("x-queue-type".into(), "quorum".into(), "classic".into()));
    }

    #[test]
    fn values_come_with_types_or_not_at_all() {
        let refusal = "inequivalent arg 'x-delivery-limit' for queue 'cart' in vhost '/': received the value \
                       '1000000' of type 'signedint' but current is none";
        assert_eq!(read(refusal), ("x-delivery-limit".into(), "1000000".into(), "none".into()));
    }

    #[test]
    fn a_refusal_in_other_words_is_passed_on() {
        assert_eq!(read("no such thing").2, "no such thing");
    }
}
