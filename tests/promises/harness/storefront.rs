use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::TestShop;

/// The shop as a storefront uses it.
pub struct Storefront {
    pub http: Client,
    cart_url: String,
}

/// A cart and its token.
#[derive(Clone)]
pub struct Cart {
    pub id: Uuid,
    pub token: String,
}

impl TestShop {
    /// The shop as a storefront uses it.
    pub fn storefront(&self) -> Storefront {
        Storefront { http: Client::new(), cart_url: self.url("cart").to_owned() }
    }

    /// Fills the catalogue and waits until the cart has its copy.
    pub async fn sell(&self, skus: &[&str]) {
        let products: Vec<Value> = skus.iter().map(|sku| product(sku)).collect();
        let url = format!("{}/products/import", self.url("catalog"));
        self.as_operator(Method::POST, &url)
            .json(&products)
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        let count = i64::try_from(skus.len()).unwrap();
        self.until("cart", "SELECT count(*) FROM products", count).await;
    }

    /// Sets how many pieces can be promised.
    pub async fn stock(&self, sku: &str, available: i64) {
        let url = format!("{}/stock", self.url("inventory"));
        let stock = json!([{"sku": sku, "available": available}]);
        self.as_operator(Method::PUT, &url).json(&stock).send().await.unwrap().error_for_status().unwrap();
    }

    /// A request with the admin key.
    pub fn as_operator(&self, method: Method, url: &str) -> RequestBuilder {
        Client::new().request(method, url).bearer_auth(&self.shop.secrets.admin_key)
    }
}

fn product(sku: &str) -> Value {
    json!({"sku": sku, "name": format!("The {sku}"), "price": {"amount": 250, "currency": "GBP"}})
}

impl Storefront {
    /// Opens a cart.
    pub async fn open(&self, email: Option<&str>) -> Cart {
        let body = email.map_or_else(|| json!({}), |email| json!({"shopper": {"email": email}}));
        let answer = self.http.post(format!("{}/carts", self.cart_url)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let opened: Value = answer.json().await.unwrap();
        Cart {
            id: opened["id"].as_str().unwrap().parse().unwrap(),
            token: opened["token"].as_str().unwrap().into(),
        }
    }

    /// A request for a cart; `path` begins behind its id.
    pub fn request(&self, method: Method, cart: &Cart, path: &str) -> RequestBuilder {
        let url = format!("{}/carts/{}{path}", self.cart_url, cart.id);
        self.http.request(method, url).bearer_auth(&cart.token)
    }

    /// Adds pieces; returns the cart after it.
    pub async fn add(&self, cart: &Cart, sku: &str, quantity: i64) -> Value {
        let answer = self.try_add(cart, sku, quantity).await;
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Adds pieces; returns the answer, good or bad.
    pub async fn try_add(&self, cart: &Cart, sku: &str, quantity: i64) -> Response {
        let item = json!({"sku": sku, "quantity": quantity});
        self.request(Method::POST, cart, "/items").json(&item).send().await.unwrap()
    }

    /// The cart as it is.
    pub async fn get(&self, cart: &Cart) -> Value {
        self.request(Method::GET, cart, "").send().await.unwrap().json().await.unwrap()
    }
}
