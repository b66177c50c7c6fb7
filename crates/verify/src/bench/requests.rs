//! The requests that all contestants are sent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use envelope::Clock;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::products::sku;

const TIMEOUT: Duration = Duration::from_secs(30);
/// How often a request is repeated at most, when it is answered that it can't be done right now, and after which pause.
const REPEATS: usize = 20;
const REPEAT_PAUSE: Duration = Duration::from_millis(100);

/// Sends requests, each with a key of its own.
pub struct Requests {
    http: Client,
    /// Carts are opened at these in turn.
    urls: Vec<String>,
    opened: AtomicUsize,
    repeated: AtomicUsize,
    is_minimal: bool,
}

/// A cart that was opened.
#[derive(Deserialize)]
pub struct Cart {
    pub id: Uuid,
    token: String,
    /// Where.
    #[serde(skip)]
    url: String,
}

/// An addition that was answered.
#[derive(Clone, Copy)]
pub struct Answer {
    pub cart: Uuid,
    pub product: usize,
    /// When the answer had come.
    pub at: DateTime<Utc>,
    /// How long it took to come.
    pub took: Duration,
}

/// What an addition is answered with, in part.
#[derive(Deserialize)]
pub struct Changed {
    pub version: u64,
    pub lines: Vec<Line>,
}

/// A line of a cart.
#[derive(Deserialize)]
pub struct Line {
    pub sku: String,
    pub quantity: u64,
}

impl Requests {
    /// With at most this many idle connections.
    pub fn new(urls: Vec<String>, connections: usize) -> reqwest::Result<Self> {
        // A proxy for the outside world can't reach a shop on this machine.
        let http = Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(connections)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { http, urls, opened: AtomicUsize::new(0), repeated: AtomicUsize::new(0), is_minimal: false })
    }

    /// The same, asking for answers without a body.
    pub fn minimal(self) -> Self {
        Self { is_minimal: true, ..self }
    }

    /// Opens a cart.
    pub async fn open(&self) -> anyhow::Result<Cart> {
        let next = self.opened.fetch_add(1, Ordering::Relaxed) % self.urls.len().max(1);
        let url = self.urls.get(next).context("no address")?;
        let answer = self.body(&|| self.http.post(format!("{url}/carts")).json(&json!({}))).await?;
        let cart: Cart = serde_json::from_slice(&answer).context("an opened cart")?;
        Ok(Cart { url: format!("{url}/carts/{}/items", cart.id), ..cart })
    }

    /// Adds a product to a cart.
    pub async fn add(&self, cart: &Cart, product: usize) -> anyhow::Result<Answer> {
        let began = Instant::now();
        self.body(&|| self.addition(cart, product)).await?;
        Ok(Answer { cart: cart.id, product, at: Clock::system().now(), took: began.elapsed() })
    }

    /// Adds a product to a cart, and returns what the cart is then.
    pub async fn add_and_look(&self, cart: &Cart, product: usize) -> anyhow::Result<Changed> {
        let answer = self.body(&|| self.addition(cart, product)).await?;
        serde_json::from_slice(&answer).context("a changed cart")
    }

    fn addition(&self, cart: &Cart, product: usize) -> RequestBuilder {
        let addition = self.http.post(&cart.url).bearer_auth(&cart.token);
        let addition = if self.is_minimal { addition.header("prefer", "return=minimal") } else { addition };
        addition.json(&json!({"sku": sku(product), "quantity": 1}))
    }

    /// How many requests were repeated.
    pub fn repeated(&self) -> usize {
        self.repeated.load(Ordering::Relaxed)
    }

    /// What a request is answered with, if that is a success.
    async fn body(&self, request: &(impl Fn() -> RequestBuilder + Sync)) -> anyhow::Result<Vec<u8>> {
        let key = Uuid::new_v4().to_string();
        let mut repeats = 0;
        loop {
            let answer = request().header("idempotency-key", &key).send().await?;
            let status = answer.status();
            let body = answer.bytes().await?;
            if status != StatusCode::SERVICE_UNAVAILABLE || repeats == REPEATS {
                ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
                return Ok(body.into());
            }
            repeats += 1;
            self.repeated.fetch_add(1, Ordering::Relaxed);
            sleep(REPEAT_PAUSE).await;
        }
    }
}
