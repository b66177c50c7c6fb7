use clap::ValueEnum;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Scenario {
    /// Additions a second with all effects, and what they cost
    Additions,
    /// How long after its answer an addition has its last effect
    Effects,
    /// How fast a backlog of events is processed
    Drain,
    /// One product that everybody adds, and one cart that everybody adds to
    Hot,
    /// Larger carts, more products, more instances
    Growth,
    /// A cart service that has had ten million events
    History,
}
