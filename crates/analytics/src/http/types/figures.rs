//! Figures, and what was added to carts most.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::PageSize;
use utoipa::{IntoParams, ToSchema};

use crate::numbers::Resolution;
use crate::store::TopProduct;

/// Of when the figures are.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FigureRange {
    /// How finely
    pub by: Resolution,
    /// From when on: the whole minute, hour or day that this is in; 60 of them if it is left out
    pub from: Option<DateTime<Utc>>,
    /// Until when; until now if it is left out
    pub until: Option<DateTime<Utc>>,
}

/// Of when the products are.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductRange {
    /// How finely the range is kept to
    pub by: Resolution,
    /// From when on: the whole minute, hour or day that this is in; 60 of them if it is left out
    pub from: Option<DateTime<Utc>>,
    /// Until when; until now if it is left out
    pub until: Option<DateTime<Utc>>,
    /// The maximum number of products
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<10, 100>,
}

/// Figures over time.
#[derive(Serialize, ToSchema)]
pub struct Figures {
    /// How finely.
    pub by: Resolution,
    /// The beginning of the first part.
    pub from: DateTime<Utc>,
    /// The end of the last part.
    pub until: DateTime<Utc>,
    /// When the newest event happened that was counted; null before the first.
    pub newest: Option<DateTime<Utc>>,
    /// A part for each minute, hour or day, the oldest first.
    pub parts: Vec<Part>,
}

/// What happened in a minute, an hour or a day.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Part {
    /// Its beginning.
    pub start: DateTime<Utc>,
    /// Events of any type.
    #[schema(example = 812)]
    pub events: i64,
    /// Carts in which something happened for the first time.
    #[schema(example = 12)]
    pub carts_started: i64,
    /// Additions to carts.
    #[schema(example = 96)]
    pub additions: i64,
    /// The units that they added.
    #[schema(example = 244)]
    pub units_added: i64,
    /// What these units cost when they were added, in each currency.
    pub value_added: Vec<Amount>,
    /// Lines that were removed from carts.
    #[schema(example = 4)]
    pub removals: i64,
    /// Times that all the units of a line were held.
    #[schema(example = 90)]
    pub holds: i64,
    /// Times that there was less stock than a line wants.
    #[schema(example = 6)]
    pub shortages: i64,
    /// Holds that ended though their line did not.
    #[schema(example = 2)]
    pub lapses: i64,
    /// Products that were sold out.
    #[schema(example = 1)]
    pub sold_out: i64,
    /// Emails that the mail server accepted.
    #[schema(example = 95)]
    pub mails_sent: i64,
    /// Emails that were given up.
    #[schema(example = 1)]
    pub mails_failed: i64,
    /// Carts that were left with something in them.
    #[schema(example = 3)]
    pub abandonments: i64,
    /// What was in them, in each currency.
    pub value_abandoned: Vec<Amount>,
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
pub struct Amount {
    /// In minor units: 255 is 2.55 GBP.
    #[schema(example = 18_250)]
    pub amount: i64,
    /// ISO 4217.
    #[schema(example = "GBP")]
    pub currency: String,
}

/// What was added to carts most.
#[derive(Serialize, ToSchema)]
pub struct TopProducts {
    /// The beginning of the range.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
    /// The most wanted first.
    pub products: Vec<ProductEntry>,
}

/// A product that was added to carts.
#[derive(Serialize, ToSchema)]
pub struct ProductEntry {
    /// The product.
    #[schema(example = "85123A")]
    pub sku: String,
    /// Its name, as the last addition had it.
    #[schema(example = "White hanging heart t-light holder")]
    pub name: Option<String>,
    /// How often it was added.
    #[schema(example = 17)]
    pub additions: i64,
    /// How many units.
    #[schema(example = 64)]
    pub units: i64,
}

/// A figure as JSON has it.
pub fn whole(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

impl From<TopProduct> for ProductEntry {
    fn from(TopProduct { sku, name, additions, units }: TopProduct) -> Self {
        Self { sku, name, additions, units: whole(units) }
    }
}
