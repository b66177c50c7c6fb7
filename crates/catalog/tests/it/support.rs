use std::sync::Arc;

use envelope::{Envelope, EventType};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service::Lifecycle;
use sqlx::PgPool;
use testkit::{ADMIN_KEY, NO_BROKER, RestApi, TestSpace};

pub use testkit::problem_name;

/// A running catalog with a database of its own.
#[derive(Clone)]
pub struct Catalog {
    pub pool: PgPool,
    pub rest_api: RestApi,
    database: String,
    _lifecycle: Lifecycle,
}

impl Catalog {
    pub async fn open() -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        Self::of(space.database("catalog").await, &[]).await
    }

    /// One more instance with the same database.
    pub async fn another(&self) -> Self {
        self.another_with(&[]).await
    }

    /// One more, with settings of its own.
    pub async fn another_with(&self, flags: &[&str]) -> Self {
        Self::of(self.database.clone(), flags).await
    }

    async fn of(database: String, flags: &[&str]) -> Self {
        let settings: catalog::Settings = testkit::settings(&database, NO_BROKER, flags);
        let lifecycle = Lifecycle::default();
        let api = catalog::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
        let rest_api = RestApi::serve(api, &lifecycle).await;
        let pool = PgPool::connect(&database).await.unwrap();
        Self { pool, rest_api, database, _lifecycle: lifecycle }
    }

    /// A catalog with products that were imported.
    pub async fn with(products: &[Value]) -> Self {
        let catalog = Self::open().await;
        assert_eq!(catalog.import(products).await.0, StatusCode::OK);
        catalog
    }

    /// An operator's request, and its answer's status and body (null where there is none).
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        self.rest_api.send(method, path, Some(ADMIN_KEY), body).await
    }

    /// A request of somebody without the operators' key.
    pub async fn send_without_key(&self, method: Method, path: &str) -> StatusCode {
        self.rest_api.send(method, path, None, None).await.0
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, path, None).await
    }

    pub async fn import(&self, products: &[Value]) -> (StatusCode, Value) {
        self.send(Method::POST, "/products/import", Some(&json!(products))).await
    }

    pub async fn put(&self, sku: &str, name: &str, amount: i64) -> (StatusCode, Value) {
        let body = json!({"name": name, "price": {"amount": amount, "currency": "GBP"}});
        self.send(Method::PUT, &format!("/products/{sku}"), Some(&body)).await
    }

    /// A product with more than a name and a price.
    pub async fn put_with(&self, sku: &str, more: &Value) -> (StatusCode, Value) {
        let mut body = json!({"name": "Lantern", "price": {"amount": 255, "currency": "GBP"}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.send(Method::PUT, &format!("/products/{sku}"), Some(&body)).await
    }

    /// A search's answer.
    pub async fn search(&self, query: &str) -> Value {
        let (status, page) = self.get(&format!("/products/search?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page
    }

    /// The SKUs that a search finds, in order.
    pub async fn found(&self, query: &str) -> Vec<String> {
        skus(&self.search(query).await)
    }

    pub async fn retire(&self, sku: &str) -> (StatusCode, Value) {
        self.send(Method::DELETE, &format!("/products/{sku}"), None).await
    }

    /// The SKUs of a list.
    pub async fn listed(&self, query: &str) -> Vec<String> {
        let (status, page) = self.get(&format!("/products?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        skus(&page)
    }

    /// All that was published, in order.
    pub async fn published(&self) -> Vec<Envelope> {
        testkit::published(&self.pool).await
    }

    /// All of one type that was published, in order.
    pub async fn published_of<E: EventType>(&self) -> Vec<E> {
        testkit::published_of(&self.pool).await
    }
}

/// The SKUs of a page.
pub fn skus(page: &Value) -> Vec<String> {
    let products = page["products"].as_array().unwrap();
    products.iter().map(|product| product["sku"].as_str().unwrap().to_owned()).collect()
}

/// A product to import.
pub fn product(sku: &str, name: &str, amount: i64) -> Value {
    json!({"sku": sku, "name": name, "price": {"amount": amount, "currency": "GBP"}})
}
