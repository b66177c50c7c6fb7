use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::pieces::Pieces;

/// A cart's line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CartLine {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
}

/// What a line wants and what it gets. Always `0 <= held <= wanted`; it waits while it has less, unless it lapsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// How many pieces the line has in the cart.
    pub wanted: i64,
    /// How many are held for it, and where.
    pub held: Pieces,
    /// Its place in the waiting line, while it is short.
    pub place: Option<Place>,
    /// Whether its cart has fallen quiet, or an operator has freed it: nothing is held for it, and it doesn't wait, until
    /// something happens in its cart.
    pub lapsed: bool,
    /// Since when the line has been known; not said by a former release.
    pub since: Option<DateTime<Utc>>,
}

/// A place in the waiting line of an SKU; the least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// One that was given before.
    Given {
        /// Later places have greater numbers.
        number: i64,
        /// When the line became short.
        since: DateTime<Utc>,
    },
    /// At the end of the line, in this order.
    New(u32),
}

impl Hold {
    /// How many pieces it lacks and waits for.
    #[must_use]
    pub fn shortage(&self) -> i64 {
        if self.lapsed { 0 } else { self.wanted - self.held.total() }
    }
}
