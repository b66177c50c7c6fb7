use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use servers::Proxy;
use service::Lifecycle;
use sqlx::PgPool;
use testkit::{NO_BROKER, RestApi, Space};

pub const TIMEOUT: Duration = Duration::from_mins(1);

/// A running cart service with a database of its own, whose connections to it can be stalled.
pub struct Shop {
    /// Around the proxy.
    pub pool: PgPool,
    pub link: Proxy,
    rest_api: RestApi,
    _lifecycle: Lifecycle,
}

/// An open cart.
#[derive(Clone)]
pub struct Cart {
    pub id: String,
    token: String,
}

impl Shop {
    pub async fn open(flags: &[&str]) -> Self {
        let space = Space::new(testkit::servers().await).await;
        let database = space.database("cart").await;
        let link = Proxy::to(&database, 5432).await.unwrap();
        let settings: cart::Settings = testkit::settings(&link.url(&database).unwrap(), NO_BROKER, flags);
        let lifecycle = Lifecycle::default();
        let api = cart::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
        let rest_api = RestApi::serve(api, &lifecycle).await;
        let pool = PgPool::connect(&database).await.unwrap();
        let product = "INSERT INTO products (sku, name, price, currency) VALUES ('pen', 'Pen', 100, 'EUR')";
        sqlx::query(product).execute(&pool).await.unwrap();
        Self { pool, link, rest_api, _lifecycle: lifecycle }
    }

    pub async fn cart(&self) -> Cart {
        let (status, opened) = self.rest_api.send(Method::POST, "/carts", None, None).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        Cart { id: text("id"), token: text("token") }
    }

    pub async fn add(&self, cart: &Cart) -> StatusCode {
        let item = json!({"sku": "pen", "quantity": 1});
        let path = format!("/carts/{}/items", cart.id);
        self.rest_api.send(Method::POST, &path, Some(&cart.token), Some(&item)).await.0
    }

    pub async fn get(&self, cart: &Cart) -> StatusCode {
        let path = format!("/carts/{}", cart.id);
        self.rest_api.send(Method::GET, &path, Some(&cart.token), None).await.0
    }

    /// What readiness says of each part.
    pub async fn parts(&self) -> Value {
        self.rest_api.send(Method::GET, "/health/ready", None, None).await.1["parts"].clone()
    }

    pub async fn sessions_waiting_for_a_lock(&self) -> i64 {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        sqlx::query_scalar(waiting).fetch_one(&self.pool).await.unwrap()
    }
}
