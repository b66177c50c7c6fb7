use std::collections::BTreeMap;

use super::moved::Moved;
use crate::stock::Stock;

/// What was counted of a product at a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// All that is there.
    OnHand(i64),
    /// What is there over and above what is held.
    Available(i64),
}

/// What was counted, by SKU and location.
pub(super) type Counts = BTreeMap<(String, String), Count>;

impl Count {
    /// What that moves, with this stock.
    pub fn moved<'a>(
        &self,
        (sku, location): &'a (String, String),
        stock: &BTreeMap<String, Stock>,
    ) -> Moved<'a> {
        let (held, known) =
            stock.get(sku).map_or((0, 0), |stock| (stock.held.at(location), stock.on_hand.at(location)));
        let pieces = match self {
            Self::OnHand(pieces) => pieces - known,
            Self::Available(pieces) => (held - known).saturating_add(*pieces),
        };
        Moved { sku, location, pieces }
    }
}
