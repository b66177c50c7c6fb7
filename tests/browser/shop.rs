//! `cartwheel up` in a process of its own, for a browser to open.

use cartwheel::up::accounts::{Administration, Namespace};
use cartwheel::up::secrets::Secrets;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::process::Child;
use url::Url;

use crate::harness::{Everything, TIMEOUT, administration, own_namespace};

/// A shop. Dropping it ends its process.
pub struct Shop {
    pub url: String,
    pub admin_key: String,
    administration: Administration,
    namespace: Namespace,
    _home: TempDir,
    _process: Child,
}

impl Shop {
    /// Starts an empty one.
    pub async fn start() -> Self {
        let (home, namespace, administration) =
            (tempfile::tempdir().unwrap(), own_namespace(), administration().await);
        let everything = Everything::new(administration.clone(), home.path(), &namespace);
        let process = everything.command().spawn().unwrap();
        let url = everything.url();
        for service in events::PARTICIPANTS.map(|participant| participant.service) {
            servers::ready::until_success(&format!("{url}/{service}/health/ready"), TIMEOUT).await.unwrap();
        }
        let admin_key = Secrets::load_or_create(&home.path().join("secrets.json")).unwrap().admin_key;
        Self { url, admin_key, administration, namespace, _home: home, _process: process }
    }

    /// Starts one that sells these products, 100 of each, and waits until all of it knows them.
    pub async fn selling(products: &[Value]) -> Self {
        let shop = Self::start().await;
        shop.as_operator(Method::POST, "/products/import")
            .json(products)
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        let stock: Vec<Value> =
            products.iter().map(|product| json!({"sku": product["sku"], "available": 100})).collect();
        shop.as_operator(Method::PUT, "/stock")
            .json(&stock)
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        let number = i64::try_from(products.len()).unwrap();
        testkit::until_number(&shop.database("cart").await, "SELECT count(*) FROM products", number, TIMEOUT)
            .await;
        shop
    }

    /// A request with the admin key; `path` begins with `/`.
    pub fn as_operator(&self, method: Method, path: &str) -> RequestBuilder {
        Client::new().request(method, format!("{}{path}", self.url)).bearer_auth(&self.admin_key)
    }

    /// A service's database, as the administrator: to look into it, or to turn its clock.
    pub async fn database(&self, service: &str) -> PgPool {
        let mut url = Url::parse(&self.administration.postgres).unwrap();
        url.set_path(&self.namespace.of(service));
        PgPool::connect(url.as_str()).await.unwrap()
    }

    /// Puts a message among a service's dead letters, as if RabbitMQ had given up on it.
    pub async fn dead_letter(&self, service: &str, properties: &Value, body: &str) {
        let letter = json!({
            "routing_key": format!("{service}.dead"), "properties": properties, "payload": body,
            "payload_encoding": "string",
        });
        let management = self.administration.management.trim_end_matches('/');
        let url = format!("{management}/api/exchanges/{}/amq.default/publish", self.namespace.vhost());
        Client::new().post(url).json(&letter).send().await.unwrap().error_for_status().unwrap();
    }
}
