//! What requests and answers look like.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use service::Problem;
use utoipa::{IntoParams, ToSchema};

const LIMIT: u32 = 50;

/// How much to answer.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Limit {
    /// The most products in the answer
    #[serde(default = "default_limit")]
    #[param(default = 10, minimum = 1, maximum = 50)]
    limit: u32,
}

fn default_limit() -> u32 {
    10
}

impl Limit {
    /// The limit, if it is one that there may be.
    pub fn checked(&self) -> Result<u32, Problem> {
        if (1..=LIMIT).contains(&self.limit) {
            return Ok(self.limit);
        }
        let detail = format!("'limit' must be 1 to {LIMIT}.");
        Err(Problem::new(StatusCode::BAD_REQUEST, "unfitting-query", detail))
    }
}

/// The products that go with one.
#[derive(Serialize, ToSchema)]
pub struct RelatedProducts {
    /// The product that was asked for
    pub sku: String,
    /// The products that go with it, the strongest first
    pub related: Vec<RelatedProduct>,
}

/// A product that goes with another.
#[derive(Serialize, ToSchema)]
pub struct RelatedProduct {
    /// The product
    pub sku: String,
    /// Its name
    pub name: String,
    /// In so many carts the two were met together
    pub carts: i64,
    /// Why it is here, for the shopper
    #[schema(example = "often bought with White lantern")]
    pub reason: String,
}

/// The products that go with a cart.
#[derive(Serialize, ToSchema)]
pub struct CartSuggestions {
    /// The strongest first
    pub suggestions: Vec<SuggestedProduct>,
}

/// A product that goes with a cart.
#[derive(Serialize, ToSchema)]
pub struct SuggestedProduct {
    /// The product
    pub sku: String,
    /// Its name
    pub name: String,
    /// The sum, over the cart's products, of the carts in which it was met with them
    pub score: i64,
    /// Why it is here, for the shopper
    #[schema(example = "often bought with White lantern")]
    pub reason: String,
}
