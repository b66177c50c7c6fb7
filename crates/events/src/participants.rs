/// A service in the exchange of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Its name; also the name of its queue, and the beginning of its exchange's.
    pub service: &'static str,
    /// The services whose events it takes. It gets every event of each, so that it sees every sequence number.
    pub listens_to: &'static [&'static str],
}

/// Every service of the shop. Each publishes to an exchange of its own.
pub const PARTICIPANTS: [Participant; 5] = [
    Participant { service: "catalog", listens_to: &[] },
    Participant { service: "cart", listens_to: &["catalog", "inventory", "recommend"] },
    Participant { service: "inventory", listens_to: &["cart"] },
    Participant { service: "recommend", listens_to: &["catalog", "cart", "inventory"] },
    Participant { service: "notify", listens_to: &["cart", "recommend"] },
];

/// The `source` of a service's events: `/cart`.
#[must_use]
pub fn source(service: &str) -> String {
    format!("/{service}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_listens_to_services_that_exist_and_not_to_themselves() {
        for participant in PARTICIPANTS {
            for source in participant.listens_to {
                assert!(PARTICIPANTS.iter().any(|p| p.service == *source), "{source} is no service");
                assert_ne!(*source, participant.service);
            }
        }
    }
}
