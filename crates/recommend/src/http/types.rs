//! The types of requests and answers.

use serde::{Deserialize, Serialize};
use service::PageSize;
use utoipa::{IntoParams, ToSchema};

use crate::model::{ModelSnapshot, Reason, Suggestion};

/// How many products to return.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Limit {
    /// The maximum number of products in the answer
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<10, 50>,
}

/// The products that are popular now.
#[derive(Serialize, ToSchema)]
pub struct TrendingProducts {
    /// The most popular first
    pub products: Vec<TrendingProduct>,
}

/// A product that is popular now.
#[derive(Serialize, ToSchema)]
pub struct TrendingProduct {
    /// The product
    pub sku: String,
    /// Its name
    pub name: String,
}

/// The products that go with one.
#[derive(Serialize, ToSchema)]
pub struct RelatedProducts {
    /// The product in question
    pub sku: String,
    /// The products that go with it, the best first
    pub related: Vec<RelatedProduct>,
}

/// A product that goes with another.
#[derive(Serialize, ToSchema)]
pub struct RelatedProduct {
    /// The product
    pub sku: String,
    /// Its name
    pub name: String,
    /// The number of carts that contain both; 0 for a product that is only popular
    pub carts: i64,
    /// Why it is here, for the shopper
    #[schema(example = "often bought with White lantern")]
    pub reason: String,
}

/// The products that go with a cart.
#[derive(Serialize, ToSchema)]
pub struct CartSuggestions {
    /// The best first
    pub suggestions: Vec<SuggestedProduct>,
}

/// A product that goes with a cart.
#[derive(Serialize, ToSchema)]
pub struct SuggestedProduct {
    /// The product
    pub sku: String,
    /// Its name
    pub name: String,
    /// The number of carts that contain it and the product that the reason names; 0 for a product that is only popular
    pub score: i64,
    /// Why it is here, for the shopper
    #[schema(example = "often bought with White lantern")]
    pub reason: String,
}

impl TrendingProduct {
    /// A product as the answer shows it; none if the snapshot does not have it.
    pub fn new(snapshot: &ModelSnapshot, trending: &Suggestion) -> Option<Self> {
        let product = snapshot.product(trending.product)?;
        Some(Self { sku: product.sku.to_string(), name: product.display_name().to_owned() })
    }
}

impl RelatedProduct {
    /// A suggestion as the answer shows it; none if the snapshot does not have the product.
    pub fn new(snapshot: &ModelSnapshot, suggestion: &Suggestion) -> Option<Self> {
        let product = snapshot.product(suggestion.product)?;
        let (carts, reason) = reason(snapshot, suggestion.reason);
        Some(Self { sku: product.sku.to_string(), name: product.display_name().to_owned(), carts, reason })
    }
}

impl SuggestedProduct {
    /// A suggestion as the answer shows it; none if the snapshot does not have the product.
    pub fn new(snapshot: &ModelSnapshot, suggestion: &Suggestion) -> Option<Self> {
        let product = snapshot.product(suggestion.product)?;
        let (score, reason) = reason(snapshot, suggestion.reason);
        Some(Self { sku: product.sku.to_string(), name: product.display_name().to_owned(), score, reason })
    }
}

fn reason(snapshot: &ModelSnapshot, reason: Reason) -> (i64, String) {
    match reason {
        Reason::BoughtWith { product, carts } => {
            let name = snapshot.product(product).map_or("it", |product| product.display_name());
            (carts.into(), format!("often bought with {name}"))
        }
        Reason::Popular => (0, "popular now".to_owned()),
    }
}
