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

    /// Its name, which is also that of the exchange that its events are published to: `cart.carts`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The service that publishes it.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// The `source` of its events: `/cart/carts`.
    #[must_use]
    pub fn source(self) -> String {
        envelope::source_of(self.name)
    }
}
