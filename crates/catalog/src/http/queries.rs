//! What may follow the `?` of a request.

use chrono::{DateTime, Utc};
use events::{LONGEST_SKU, SKU_PATTERN};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use service::{ONE_LINE, PageSize, Sku};
use unicode_normalization::UnicodeNormalization;
use utoipa::{IntoParams, ToSchema};

use crate::product::Category;
use crate::search::page::Sort;

/// The most products that can be asked for by their SKUs.
pub const MOST_SKUS: usize = 100;

service::texts! {
    /// The last SKU of the page before; empty for the first page.
    #[derive(Default)]
    pub PageStart: "the start of a page", 0..=LONGEST_SKU, "visible ASCII", SKU_PATTERN, for example "85123A";

    /// What to search for; empty for everything.
    #[derive(Default)]
    pub SearchText: "a search text", 0..=200, "no control characters, no line breaks", ONE_LINE, for example "lantern";
}

/// Which products to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only these products; once for each
    #[serde(default)]
    #[param(max_items = 100, inline)]
    pub sku: Vec<Sku>,
    /// Begin after this SKU
    #[serde(default)]
    #[param(inline)]
    pub after: PageStart,
    /// The most products in the answer
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<50, 500>,
    /// Only products with this in their name, or at the beginning of their SKU; upper and lower case are the same
    #[serde(default)]
    #[param(inline)]
    pub q: SearchText,
    /// Only the variants of this product
    #[param(inline)]
    pub variant_of: Option<Sku>,
}

/// In which form to export.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// The form of the file
    #[serde(default)]
    #[param(inline)]
    pub format: Format,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// With commas, in UTF-8; the first line names the columns
    #[default]
    Csv,
    /// A JSON object a line
    Jsonl,
}

/// How to import.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Only say what is wrong with the file, and write nothing
    #[serde(default)]
    pub dry_run: bool,
}

/// Which refused lines to show.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FaultsQuery {
    /// Begin after this line
    #[serde(default)]
    #[param(value_type = i64, default = 0, minimum = 0, maximum = 4_294_967_295_u32)]
    pub after_line: u32,
    /// The most lines in the answer
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<100, 1000>,
}

/// Which prices to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PricesQuery {
    /// Only prices from before this time: the `since` of the last one of the page before
    pub before: Option<DateTime<Utc>>,
    /// The most prices in the answer
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<50, 500>,
}

service::texts! {
    /// A property that products have to have.
    pub PropertyFilter: "an attribute to filter by", 3..=251, "name and value with a colon between them", ONE_LINE,
        for example "material:tin", and |text| match text.split_once(':') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => None,
            _ => Some("this lacks the name, the colon or the value"),
        };

    /// Where a page of a search begins.
    pub NextPage: "the start of a page", 1..=16_000, "what an answer said as 'next'", "^[A-Za-z0-9_-]*$", for example "eyJ0ZXh0IjoiIn0";

    /// A currency.
    pub CurrencyCode: "a currency", 3..=3, "its ISO 4217 code", "^[A-Z]{3}$", for example "GBP";
}

/// What to search for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words of the product, in any of its languages; the last may be unfinished, and mistakes are corrected. Empty: everything
    #[serde(default)]
    #[param(inline, value_type = SearchText)]
    pub q: InAnyForm,
    /// Only in this category and those below it
    #[param(inline)]
    pub category: Option<Category>,
    /// Only with this option or attribute, `name:value`. May be given several times: of one name, any of the values will do
    #[serde(default)]
    #[param(max_items = 20, inline)]
    pub attribute: Vec<PropertyFilter>,
    /// Only with a price in this currency
    #[param(inline)]
    pub currency: Option<CurrencyCode>,
    /// Not cheaper than this, in minor units
    #[param(minimum = 0)]
    pub price_from: Option<u64>,
    /// Not more expensive than this, in minor units
    #[param(minimum = 0)]
    pub price_to: Option<u64>,
    /// The order
    #[serde(default)]
    #[param(inline)]
    pub sort: Sort,
    /// `next` of the page before, with everything else as it was
    #[param(inline)]
    pub after: Option<NextPage>,
    /// The most products in the answer
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<20, 100>,
    /// Whether to count what one can narrow the search by
    #[serde(default)]
    pub facets: bool,
}

/// A search text in any of Unicode's forms: unlike what is stored, it need not be in NFC.
#[derive(Default)]
pub struct InAnyForm(pub SearchText);

impl<'de> Deserialize<'de> for InAnyForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: String = String::deserialize(deserializer)?.nfc().collect();
        text.parse().map(Self).map_err(D::Error::custom)
    }
}
