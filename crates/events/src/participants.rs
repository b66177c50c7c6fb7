/// A service, as publisher and consumer of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Its name, which is also its queue's.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_listens_to_services_that_exist_and_not_to_itself() {
        for participant in PARTICIPANTS {
            for source in participant.listens_to {
                assert!(PARTICIPANTS.iter().any(|p| p.service == *source), "{source} is no service");
                assert_ne!(*source, participant.service);
            }
        }
    }
}
