use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use service::shared_problems::UNFITTING_QUERY;
use service::{Problem, Sku};
use utoipa::{IntoParams, ToSchema};

use super::StockView;

const MOST_SKUS: usize = 100;

/// Which products.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SeveralQuery {
    /// A product; once for each, at most 100 times.
    #[serde(default)]
    #[param(inline, required = true, min_items = 1, max_items = 100)]
    pub sku: Vec<Sku>,
}

/// The stock of several products.
#[derive(Serialize, ToSchema)]
pub struct SeveralStock {
    /// By SKU.
    pub stock: Vec<StockView>,
    /// Those of the products that were never stocked here.
    pub unknown: Vec<String>,
}

impl SeveralQuery {
    /// The products, if they are not too many.
    pub fn skus(&self) -> Result<BTreeSet<&str>, Problem> {
        if (1..=MOST_SKUS).contains(&self.sku.len()) {
            return Ok(self.sku.iter().map(Sku::as_str).collect());
        }
        let detail =
            format!("The query doesn't fit at 'sku': name 1 to {MOST_SKUS} products, '?sku=…&sku=…'.");
        Err(UNFITTING_QUERY.problem(detail).at("sku"))
    }
}
