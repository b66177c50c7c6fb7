//! What requests and answers look like.

use serde::{Deserialize, Serialize};
use service::Problem;
use service::problems::UNFITTING_QUERY;
use utoipa::{IntoParams, ToSchema};

use crate::model::{Picture, Reason, Suggestion};

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
    pub fn checked(&self) -> Result<usize, Problem> {
        if (1..=LIMIT).contains(&self.limit) {
            return Ok(self.limit as usize);
        }
        Err(UNFITTING_QUERY.problem(format!("'limit' must be 1 to {LIMIT}.")))
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
    /// In so many carts the two are together; 0 for one that is only popular
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
    /// In so many carts it is with the product of the reason; 0 for one that is only popular
    pub score: i64,
    /// Why it is here, for the shopper
    #[schema(example = "often bought with White lantern")]
    pub reason: String,
}

impl RelatedProduct {
    /// What it looks like; nothing for a product that the picture doesn't know.
    pub fn new(picture: &Picture, suggestion: &Suggestion) -> Option<Self> {
        let product = picture.product(suggestion.product)?;
        let (carts, reason) = reason(picture, suggestion.reason);
        Some(Self { sku: product.sku.to_string(), name: product.called().to_owned(), carts, reason })
    }
}

impl SuggestedProduct {
    /// What it looks like; nothing for a product that the picture doesn't know.
    pub fn new(picture: &Picture, suggestion: &Suggestion) -> Option<Self> {
        let product = picture.product(suggestion.product)?;
        let (score, reason) = reason(picture, suggestion.reason);
        Some(Self { sku: product.sku.to_string(), name: product.called().to_owned(), score, reason })
    }
}

fn reason(picture: &Picture, reason: Reason) -> (i64, String) {
    match reason {
        Reason::BoughtWith { product, carts } => {
            let name = picture.product(product).map_or("it", |product| product.called());
            (carts.into(), format!("often bought with {name}"))
        }
        Reason::Popular => (0, "popular now".to_owned()),
    }
}
