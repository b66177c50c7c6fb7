use std::process::Stdio;
use std::sync::{Arc, Mutex};

use cartwheel::up::secrets::Secrets;
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::eventually;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::harness::{Everything, Receiver, TIMEOUT, administration, own_namespace};

const ADDRESS: &str = "ann@example.test";

/// A shop in a process of its own in which a shopper, who left an address, put something into a cart.
pub struct WatchedShop {
    _home: TempDir,
    process: Child,
    http: Client,
    url: String,
    pub receiver: Receiver,
    /// What it wrote to its log.
    pub lines: Arc<Mutex<Vec<String>>>,
    pub cart: String,
    /// What must not be in a log, nor in a label.
    pub secrets: Vec<String>,
}

impl WatchedShop {
    pub async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let namespace = own_namespace();
        let everything = Everything::new(administration().await, home.path(), &namespace);
        let (receiver, otlp) = Receiver::start().await;
        let mut process = everything
            .command()
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", otlp)
            .env("OTEL_BSP_SCHEDULE_DELAY", "100")
            .env("CARTWHEEL_LOG_FORMAT", "json")
            .env("CARTWHEEL_LOG", "debug,lapin=off,hyper=off,h2=off")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = keep_lines(&mut process);
        let (http, url) = (Client::new(), everything.url());
        eventually("it answers", TIMEOUT, async || {
            http.get(format!("{url}/notify/health/delivery"))
                .send()
                .await
                .ok()
                .filter(|answer| answer.status() == 200)
        })
        .await;
        let key = Secrets::load_or_create(&home.path().join("secrets.json")).unwrap().admin_key;
        let lantern =
            json!([{"sku": "LANTERN", "name": "Lantern", "price": {"amount": 250, "currency": "GBP"}}]);
        let import = http.post(format!("{url}/products/import")).bearer_auth(&key).json(&lantern);
        import.send().await.unwrap().error_for_status().unwrap();
        let stock = json!([{"sku": "LANTERN", "available": 5}]);
        let stock = http.put(format!("{url}/stock")).bearer_auth(&key).json(&stock);
        stock.send().await.unwrap().error_for_status().unwrap();
        let shopper = json!({"shopper": {"email": ADDRESS}});
        let opened = http.post(format!("{url}/carts")).json(&shopper).send().await.unwrap();
        let opened: Value = opened.error_for_status().unwrap().json().await.unwrap();
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        let (cart, token) = (text("id"), text("token"));
        eventually("the addition", TIMEOUT, async || {
            let item = json!({"sku": "LANTERN", "quantity": 2});
            let added = http.post(format!("{url}/carts/{cart}/items")).bearer_auth(&token).json(&item);
            // The cart may not know the product yet.
            added.send().await.unwrap().error_for_status().ok()
        })
        .await;
        let secrets = vec![ADDRESS.to_owned(), token, key];
        Self { _home: home, process, http, url, receiver, lines, cart, secrets }
    }

    pub async fn metrics(&self) -> String {
        self.http.get(format!("{}/metrics", self.url)).send().await.unwrap().text().await.unwrap()
    }

    pub async fn end(mut self) {
        self.process.kill().await.unwrap();
    }
}

fn keep_lines(process: &mut Child) -> Arc<Mutex<Vec<String>>> {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&lines);
    let mut coming = BufReader::new(process.stderr.take().unwrap()).lines();
    tokio::spawn(async move {
        while let Ok(Some(line)) = coming.next_line().await {
            kept.lock().unwrap().push(line);
        }
    });
    lines
}
