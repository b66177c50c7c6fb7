//! Recommend's REST API: what is popular, and what goes together.

use reqwest::RequestBuilder;
use serde::Deserialize;

use super::cart::CartKey;
use super::{Failure, Service, Services, read};

/// A product, and why it is shown.
#[derive(Clone, Debug, Deserialize)]
pub struct Recommended {
    pub sku: String,
    /// In words, for the shopper.
    pub reason: Option<String>,
}

#[derive(Deserialize)]
struct Trending {
    products: Vec<Recommended>,
}

#[derive(Deserialize)]
struct Related {
    related: Vec<Recommended>,
}

#[derive(Deserialize)]
struct Suggestions {
    suggestions: Vec<Recommended>,
}

impl Services {
    /// What is popular now.
    pub async fn trending(&self, limit: usize) -> Result<Vec<Recommended>, Failure> {
        let path = ["products", "trending"];
        Ok(read::<Trending>(self.recommended(&path, limit)).await?.products)
    }

    /// What goes with a product.
    pub async fn related(&self, sku: &str, limit: usize) -> Result<Vec<Recommended>, Failure> {
        let path = ["products", sku, "related"];
        Ok(read::<Related>(self.recommended(&path, limit)).await?.related)
    }

    /// What goes with a cart.
    pub async fn suggestions(&self, key: &CartKey, limit: usize) -> Result<Vec<Recommended>, Failure> {
        let id = key.id.to_string();
        let request = self.recommended(&["carts", &id, "suggestions"], limit).bearer_auth(&key.token);
        Ok(read::<Suggestions>(request).await?.suggestions)
    }

    fn recommended(&self, path: &[&str], limit: usize) -> RequestBuilder {
        self.get(Service::Recommend, path, &[("limit", &limit.to_string())])
    }
}
