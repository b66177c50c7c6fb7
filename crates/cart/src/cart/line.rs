use std::collections::BTreeMap;

use events::{Money, Total};
use serde::{Deserialize, Serialize};

use super::product::Product;

/// Some pieces of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// The product.
    pub sku: String,
    /// Its place among the lines.
    pub place: Place,
    /// The product's name when it was last added.
    pub name: String,
    /// The price of a piece when it was last added.
    pub unit_price: Money,
    /// The price of a piece that the shopper has seen, if it is another one.
    pub seen_price: Option<Money>,
    /// How many pieces; at least 1.
    pub quantity: i64,
    /// The storefront's own.
    pub fields: BTreeMap<String, String>,
}

/// The lines' order: that in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The version at which the line came.
    pub version: i64,
    /// Its number among those that came at that version, from 0.
    pub rank: i32,
}

/// A line's price by the one rule, the same for every command: it is what the catalogue says now, and what the shopper had
/// seen before is shown too, until the storefront says that they have seen the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePrice {
    /// The price of a piece now.
    pub now: Money,
    /// What it was when the shopper saw it, if it is another one now.
    pub before: Option<Money>,
}

/// Whether a line's product can still be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It can.
    Sold,
    /// It is not sold any more, or never was known: the line can be reduced and removed.
    Retired,
    /// It is sold in another currency than the cart's by now: the line keeps its price, and can be reduced and removed.
    OtherCurrency,
}

impl Place {
    /// Of the line that came at this version.
    #[must_use]
    pub fn at(version: i64) -> Self {
        Self { version, rank: 0 }
    }
}

impl CartLine {
    /// The price of its pieces, as it was recorded.
    #[must_use]
    pub fn price(&self) -> Total {
        self.unit_price.times(self.quantity)
    }

    /// The price that the shopper has seen.
    #[must_use]
    pub fn price_seen(&self) -> Money {
        self.seen_price.unwrap_or(self.unit_price)
    }

    /// The same with another recorded price. What the shopper has seen stays.
    #[must_use]
    pub fn priced(self, unit_price: Money) -> Self {
        let seen = self.price_seen();
        // A price in another currency is no former price.
        let is_other = seen != unit_price && seen.currency == unit_price.currency;
        Self { unit_price, seen_price: is_other.then_some(seen), ..self }
    }

    /// The same with those fields of another line that it hasn't.
    #[must_use]
    pub fn with_fields_of(mut self, other: &Self) -> Self {
        for (name, value) in &other.fields {
            self.fields.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self
    }

    /// Its price by the rule; `product` is as the catalogue has it now.
    #[must_use]
    pub fn price_by(&self, product: Option<&Product>) -> LinePrice {
        let now = match product {
            Some(product) if self.offer_by(Some(product)) != Offer::OtherCurrency => product.price,
            _ => self.unit_price,
        };
        let seen = self.price_seen();
        LinePrice { now, before: (seen != now).then_some(seen) }
    }

    /// Whether its product can still be had; `product` is as the catalogue has it now.
    #[must_use]
    pub fn offer_by(&self, product: Option<&Product>) -> Offer {
        match product {
            Some(product) if product.price.currency != self.unit_price.currency => Offer::OtherCurrency,
            Some(product) if !product.retired => Offer::Sold,
            _ => Offer::Retired,
        }
    }
}
