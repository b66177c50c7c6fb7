//! The settings of `restored` and `republish`.

use clap::{Args, Subcommand, ValueEnum};
use service::{Republish, Restore};

/// A service whose database was restored from a backup.
#[derive(Subcommand, Debug)]
pub enum RestoredService {
    /// Products and prices
    Catalog(Restore),
    /// Carts
    Cart(Restore),
    /// Stock and holds
    Inventory(Restore),
    /// Related products and suggestions
    Recommend(Restore),
    /// Email
    Notify(Restore),
}

impl RestoredService {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Catalog(_) => "catalog",
            Self::Cart(_) => "cart",
            Self::Inventory(_) => "inventory",
            Self::Recommend(_) => "recommend",
            Self::Notify(_) => "notify",
        }
    }
}

/// What is published again.
#[derive(Args, Debug)]
pub struct Republished {
    /// What to publish again; emails have no present state
    pub aggregate: Aggregate,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub settings: Republish,
}

/// An aggregate that has a present state.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Aggregate {
    /// All products
    #[value(name = "catalog.products")]
    Products,
    /// What is in all carts
    #[value(name = "cart.carts")]
    Carts,
    /// What is held for all carts
    #[value(name = "inventory.holds")]
    Holds,
    /// The stock of all products
    #[value(name = "inventory.stock")]
    Stock,
    /// What goes with all carts
    #[value(name = "recommend.suggestions")]
    Suggestions,
}

impl Aggregate {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Products => "catalog.products",
            Self::Carts => "cart.carts",
            Self::Holds => "inventory.holds",
            Self::Stock => "inventory.stock",
            Self::Suggestions => "recommend.suggestions",
        }
    }

    /// The service that publishes it.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.name().split('.').next().unwrap_or_default()
    }
}
