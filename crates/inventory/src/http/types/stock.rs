use serde::{Deserialize, Serialize};
use service::Sku;
use utoipa::ToSchema;

use super::Location;
use crate::stock::{Level, Stock};

/// The stock of a product.
#[derive(Serialize, ToSchema)]
pub struct StockView {
    /// The product.
    #[schema(example = "85123A")]
    sku: String,
    /// Pieces in the warehouse, held ones included.
    on_hand: i64,
    /// Pieces held for carts.
    held: i64,
    /// Pieces that no cart holds.
    available: i64,
    #[schema(inline)]
    availability: Availability,
    /// Where they are, if there are several locations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<LocationView>,
}

/// How much of a product can be had.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Availability {
    SoldOut,
    Low,
    InStock,
}

/// The stock of a product at a location.
#[derive(Serialize, ToSchema)]
#[schema(as = StockAtLocation)]
pub struct LocationView {
    /// The location.
    #[schema(example = "main")]
    location: String,
    /// Pieces there, held ones included.
    on_hand: i64,
    /// Pieces there that are held for carts.
    held: i64,
    /// Pieces there that no cart holds.
    available: i64,
}

/// How many pieces of a product there are. Exactly one of `on_hand` and `available` is needed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockEntry {
    pub sku: Sku,
    /// Pieces that were counted at the location, those included that are held for carts.
    #[schema(example = 3, minimum = 0, maximum = 1_000_000_000_i64)]
    pub on_hand: Option<i64>,
    /// Pieces that can be promised now at the location, over and above what is held for carts: with 3 held, 3 makes 6 on hand.
    /// For clients from before `on_hand`.
    #[schema(deprecated, minimum = 0, maximum = 1_000_000_000_i64)]
    pub available: Option<i64>,
    /// Where; `main` if it is left out.
    pub location: Option<Location>,
    /// With this many pieces available, or fewer, the product is low. If it is left out, it stays as it is; without any, the service's
    /// setting counts.
    #[schema(minimum = 0, maximum = 1_000_000_000_i64)]
    pub low_at: Option<i64>,
}

/// What an import did.
#[derive(Serialize, ToSchema)]
#[schema(as = Imported)]
pub struct StockImported {
    /// How many products have another stock than before.
    pub changed: usize,
    /// How many carts' lines lost pieces that were held for them.
    pub cut_lines: usize,
}

impl StockView {
    pub fn new(sku: String, stock: &Stock, low_at: i64) -> Self {
        let locations = stock.locations();
        let at = |location: &str| LocationView {
            location: location.to_owned(),
            on_hand: stock.on_hand.at(location),
            held: stock.held.at(location),
            available: stock.free_at(location),
        };
        let several = (locations.len() > 1).then(|| locations.iter().map(|location| at(location)).collect());
        Self {
            sku,
            on_hand: stock.on_hand.total(),
            held: stock.held.total(),
            available: stock.available(),
            availability: stock.level(low_at).into(),
            locations: several.unwrap_or_default(),
        }
    }
}

impl From<Level> for Availability {
    fn from(level: Level) -> Self {
        match level {
            Level::SoldOut => Self::SoldOut,
            Level::Low => Self::Low,
            Level::InStock => Self::InStock,
        }
    }
}
