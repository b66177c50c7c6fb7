use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use service::problems::UNFITTING_QUERY;
use service::{Problem, Sku};
use utoipa::{IntoParams, ToSchema};

use super::StockView;

const MOST_SKUS: usize = 100;

/// Which products.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SeveralQuery {
    /// A product; once for each, at most 100 times.
    #[param(inline, min_items = 1, max_items = 100)]
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

impl<S: Send + Sync> FromRequestParts<S> for SeveralQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut sku = Vec::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            if name != "sku" {
                let detail =
                    format!("The query doesn't fit at '{name}': unknown field, the field here is 'sku'.");
                return Err(UNFITTING_QUERY.problem(detail).at(name));
            }
            let wrong = |error| {
                UNFITTING_QUERY.problem(format!("The query doesn't fit at 'sku': {error}.")).at("sku")
            };
            sku.push(value.parse().map_err(wrong)?);
        }
        if !(1..=MOST_SKUS).contains(&sku.len()) {
            let detail =
                format!("The query doesn't fit at 'sku': name 1 to {MOST_SKUS} products, '?sku=…&sku=…'.");
            return Err(UNFITTING_QUERY.problem(detail).at("sku"));
        }
        Ok(Self { sku })
    }
}
