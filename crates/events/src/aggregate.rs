/// A stream of events about things of one sort, such as carts. Each thing is a subject, whose events keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate {
    name: &'static str,
}

impl Aggregate {
    /// By its name, `<service>.<things>`.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self { name }
    }

    /// Its name: `cart.carts`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The service that publishes it.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// The `source` of its events.
    #[must_use]
    pub fn source(self) -> String {
        source(self.service())
    }

    /// The exchange that its events are published to.
    #[must_use]
    pub fn exchange(self) -> String {
        exchange(self.service())
    }
}

// On the wire, the aggregates of a service are one stream so far. Here alone stands how it is called.

/// The `source` of a service's events: `/cart`.
#[must_use]
pub fn source(service: &str) -> String {
    format!("/{service}")
}

/// The exchange that a service publishes to: `cart.events`.
#[must_use]
pub fn exchange(service: &str) -> String {
    format!("{service}.events")
}
