//! A shopper who uses the REST API: what happens in the shop while a browser looks.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::shop::Shop;

/// A cart and its token.
pub struct Cart {
    pub id: Uuid,
    token: String,
    url: String,
}

impl Cart {
    /// Opens one.
    pub async fn open(shop: &Shop, email: &str) -> Self {
        let url = format!("{}/carts", shop.url);
        let opened = Client::new().post(&url).json(&json!({"shopper": {"email": email}}));
        let opened: Value = opened.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        Self { id: text("id").parse().unwrap(), token: text("token"), url: shop.url.clone() }
    }

    /// Adds pieces of a product.
    pub async fn add(&self, sku: &str, quantity: i64) {
        let item = json!({"sku": sku, "quantity": quantity});
        self.request(Method::POST, "/items").json(&item).send().await.unwrap().error_for_status().unwrap();
    }

    /// A request for it; `path` begins behind its id.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        Client::new()
            .request(method, format!("{}/carts/{}{path}", self.url, self.id))
            .bearer_auth(&self.token)
    }
}
