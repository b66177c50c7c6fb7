use std::net::SocketAddr;
use std::sync::Arc;

use envelope::{Envelope, EventType};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use service::Lifecycle;
use sqlx::PgPool;
use testkit::Space;
use tokio::net::TcpListener;

const ADMIN_KEY: &str = "the operators' key";
/// Nobody listens there: what the service publishes stays in its outbox, where tests find it.
const NO_BROKER: &str = "amqp://nobody@127.0.0.1:1";

/// A running catalog with a database of its own.
#[derive(Clone)]
pub struct Catalog {
    pub pool: PgPool,
    address: SocketAddr,
    client: Client,
    _lifecycle: Lifecycle,
}

impl Catalog {
    pub async fn open() -> Self {
        let space = Space::new(testkit::servers().await).await;
        let database = space.database("catalog").await;
        let settings = catalog::Settings {
            service: service::Settings {
                database_url: database.as_str().into(),
                broker_url: NO_BROKER.into(),
                listen: ([127, 0, 0, 1], 0).into(),
                admin_key: ADMIN_KEY.into(),
                token_secret: "a secret of more than thirty-two characters".into(),
                database_connections: 10,
                instance: None,
                accept_short_log: false,
            },
        };
        let lifecycle = Lifecycle::default();
        let api = catalog::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(service::serve(listener, api.alone(), lifecycle.stop()));
        let pool = PgPool::connect(&database).await.unwrap();
        Self { pool, address, client: Client::new(), _lifecycle: lifecycle }
    }

    /// A catalog with products that were imported.
    pub async fn with(products: &[Value]) -> Self {
        let catalog = Self::open().await;
        assert_eq!(catalog.import(products).await.0, StatusCode::OK);
        catalog
    }

    /// An operator's request, and its answer's status and body (null where there is none).
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.client.request(method, url).bearer_auth(ADMIN_KEY);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.header("x-request-id", "a test").send().await.unwrap();
        (answer.status(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    /// A request of somebody without the operators' key.
    pub async fn send_without_key(&self, method: Method, path: &str) -> StatusCode {
        self.client.request(method, format!("http://{}{path}", self.address)).send().await.unwrap().status()
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

    pub async fn retire(&self, sku: &str) -> (StatusCode, Value) {
        self.send(Method::DELETE, &format!("/products/{sku}"), None).await
    }

    /// The SKUs of a list.
    pub async fn listed(&self, query: &str) -> Vec<String> {
        let (status, page) = self.get(&format!("/products?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let products = page["products"].as_array().unwrap();
        products.iter().map(|product| product["sku"].as_str().unwrap().to_owned()).collect()
    }

    /// All that was published, in order.
    pub async fn published(&self) -> Vec<Envelope> {
        let bodies: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM bus.outbox ORDER BY id")
            .fetch_all(&self.pool)
            .await
            .unwrap();
        bodies.iter().map(|body| serde_json::from_slice(body).unwrap()).collect()
    }

    /// All of one type that was published, in order.
    pub async fn published_of<E: EventType>(&self) -> Vec<E> {
        self.published().await.iter().filter_map(|event| event.read().unwrap()).collect()
    }
}

/// A product to import.
pub fn product(sku: &str, name: &str, amount: i64) -> Value {
    json!({"sku": sku, "name": name, "price": {"amount": amount, "currency": "GBP"}})
}

/// The kind of a problem: `unknown-sku`.
pub fn kind(problem: &Value) -> String {
    problem["title"].as_str().unwrap().replace(' ', "-")
}
