//! Clients that open carts and add ten different products to each, every request with a key.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::future::try_join_all;
use reqwest::Client;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::shop::{PRODUCTS, sku};
use crate::latency::Latencies;

const ADDITIONS_PER_CART: usize = 10;
const TIMEOUT: Duration = Duration::from_secs(30);

/// Some clients at work for some time.
pub struct Load {
    pub clients: usize,
    pub duration: Duration,
}

/// What they were answered.
pub struct Loaded {
    pub additions: usize,
    /// How long there were requests.
    pub took: Duration,
    pub latencies: Latencies,
}

#[derive(Deserialize)]
struct Opened {
    id: Uuid,
    token: String,
}

impl Load {
    /// Runs it against the shop at this address.
    pub async fn run(&self, url: &str) -> anyhow::Result<Loaded> {
        let http = Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(self.clients)
            .tcp_nodelay(true)
            .build()?;
        let began = Instant::now();
        let until = began + self.duration;
        let clients =
            (0..self.clients).map(|number| tokio::spawn(client(http.clone(), url.to_owned(), number, until)));
        let mut latencies = Vec::new();
        for client in try_join_all(clients).await? {
            latencies.extend(client?);
        }
        let (additions, took) = (latencies.len(), began.elapsed());
        Ok(Loaded { additions, took, latencies: latencies.into_iter().collect() })
    }
}

/// Returns how long each addition took.
async fn client(http: Client, url: String, number: usize, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    let mut product = number;
    while Instant::now() < until {
        let opening = http.post(format!("{url}/carts")).header("idempotency-key", Uuid::new_v4().to_string());
        let opened = opening.json(&json!({})).send().await?.error_for_status()?.bytes().await?;
        let Opened { id, token } = serde_json::from_slice(&opened).context("an opened cart")?;
        let items = format!("{url}/carts/{id}/items");
        for _ in 0..ADDITIONS_PER_CART {
            product = (product + 7) % PRODUCTS;
            let began = Instant::now();
            let addition = http.post(&items).bearer_auth(&token);
            let addition = addition.header("idempotency-key", Uuid::new_v4().to_string());
            let answer = addition.json(&json!({"sku": sku(product), "quantity": 1})).send().await?;
            let status = answer.status();
            let body = answer.bytes().await?;
            ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
            latencies.push(began.elapsed());
        }
    }
    Ok(latencies)
}
