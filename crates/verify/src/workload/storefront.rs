//! The shop as a storefront sees it: over HTTP, and nothing else.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::history::RequestedChange;

/// How long to wait for answers.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For one answer.
    pub request: Duration,
    /// For all repetitions of a request that gets no answer.
    pub total: Duration,
}

/// Talks to the REST API. Every request is repeated with the same key until it has an answer.
pub struct Storefront {
    http: Client,
    /// Of the cart service's instances, which are asked in turn.
    urls: Vec<String>,
    asked: AtomicUsize,
    timeouts: Timeouts,
}

/// A cart and the token that opens it.
#[derive(Clone, Debug, Deserialize)]
pub struct Cart {
    pub id: Uuid,
    pub token: String,
}

/// The shopper whose cart it is.
#[derive(Clone, Serialize)]
pub struct Shopper {
    pub email: String,
    pub language: String,
}

/// Why a request did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The shop refused it, with the type of problem (`quantity-too-large`) and its detail.
    Refused { problem: String, detail: String },
    /// It got no answer, or one that says to try again.
    Unanswered(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { problem, detail } => write!(f, "{problem}: {detail}"),
            Self::Unanswered(why) => write!(f, "no answer, after many repetitions: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

#[derive(Serialize)]
struct Opening<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper: Option<&'a Shopper>,
}

/// All that is of interest in an answer of a few hundred lines. That to several items has the cart within.
#[derive(Deserialize)]
struct Changed {
    version: Option<i64>,
}

#[derive(Deserialize)]
struct Problem {
    r#type: String,
    #[serde(default)]
    detail: String,
}

impl Storefront {
    /// With as many connections as there are clients.
    pub fn new(urls: Vec<String>, clients: usize, timeouts: Timeouts) -> reqwest::Result<Self> {
        // A proxy for the outside world can't reach a shop on this machine.
        let http = Client::builder()
            .no_proxy()
            .timeout(timeouts.request)
            .pool_max_idle_per_host(clients)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { http, urls, asked: AtomicUsize::new(0), timeouts })
    }

    /// The next instance's: a request that is repeated comes to another one.
    fn url(&self) -> &str {
        let next = self.asked.fetch_add(1, Ordering::Relaxed);
        self.urls.get(next % self.urls.len().max(1)).map_or("", String::as_str)
    }

    /// Opens a cart.
    pub async fn open(&self, key: Uuid, shopper: Option<&Shopper>) -> Result<Cart, Failure> {
        let opening = Opening { shopper };
        let request = || {
            self.http
                .post(format!("{}/carts", self.url()))
                .header("idempotency-key", key.to_string())
                .json(&opening)
        };
        let (_, opened) = self.until_answered(|| answer(request())).await?;
        Ok(opened)
    }

    /// Makes a change. Returns the version that it gave the cart.
    pub async fn change(
        &self,
        cart: Uuid,
        token: &str,
        key: Uuid,
        change: &RequestedChange,
    ) -> Result<i64, Failure> {
        let key = key.to_string();
        let request = || self.request(cart, change).bearer_auth(token).header("idempotency-key", &key);
        self.until_answered(|| change_version(request())).await
    }

    /// Merges a cart into another one. Returns the version that it gave the other one.
    pub async fn merge(&self, into: &Cart, from: &Cart, key: Uuid) -> Result<i64, Failure> {
        let (key, body) = (key.to_string(), json!({"cart_id": from.id, "token": from.token}));
        let request = || {
            let merge = self.http.post(format!("{}/carts/{}/merge", self.url(), into.id)).json(&body);
            merge.bearer_auth(&into.token).header("idempotency-key", &key)
        };
        self.until_answered(|| change_version(request())).await
    }

    fn request(&self, cart: Uuid, change: &RequestedChange) -> RequestBuilder {
        let cart = format!("{}/carts/{cart}", self.url());
        let items = format!("{cart}/items");
        match change {
            RequestedChange::Add { sku, quantity } => {
                self.http.post(items).json(&json!({"sku": sku, "quantity": quantity}))
            }
            RequestedChange::AddMany { items: added } => {
                let item = |(sku, quantity): &(String, i64)| json!({"sku": sku, "quantity": quantity});
                let added: Vec<Value> = added.iter().map(item).collect();
                self.http.post(format!("{items}/batch")).json(&json!({"items": added}))
            }
            RequestedChange::SetQuantity { sku, quantity } => {
                self.http.patch(format!("{items}/{sku}")).json(&json!({"quantity": quantity}))
            }
            RequestedChange::Remove { sku } => self.http.delete(format!("{items}/{sku}")),
            RequestedChange::Clear => self.http.delete(items),
            RequestedChange::SaveForLater { sku } => self.http.post(format!("{items}/{sku}/save")),
            RequestedChange::MoveBack { sku } => self.http.post(format!("{cart}/saved/{sku}/move-back")),
            RequestedChange::Delete => self.http.delete(cart),
            // Needs the other cart's token: see `merge`.
            RequestedChange::Merge { from } => {
                self.http.post(format!("{cart}/merge")).json(&json!({"cart_id": from}))
            }
        }
    }

    /// Repeats a request until it has an answer.
    async fn until_answered<T, F>(&self, request: impl FnMut() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(2))
            .with_total_delay(Some(self.timeouts.total))
            .without_max_times()
            .with_jitter();
        let unanswered = |failure: &Failure| matches!(failure, Failure::Unanswered(_));
        request.retry(backoff).when(unanswered).await
    }
}

/// The version that a change gave its cart. A repeat is answered with the cart as it is by then.
async fn change_version(request: RequestBuilder) -> Result<i64, Failure> {
    let (headers, Changed { version }) = answer(request).await?;
    let told = headers.get("change-version").and_then(|value| value.to_str().ok()?.parse().ok());
    // A former release's repeats have the body of the first answer.
    told.or(version).ok_or_else(|| Failure::Unanswered("the answer says no version".to_owned()))
}

/// The answer's headers and body, if the request was done. A body that can't be read is no answer: another instance may say
/// what became of it.
async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<(HeaderMap, T), Failure> {
    let unanswered = |error: reqwest::Error| Failure::Unanswered(format!("{:#}", anyhow::Error::from(error)));
    let answer = request.send().await.map_err(unanswered)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.map_err(unanswered)?;
    if status.is_success() {
        let unreadable = |error| Failure::Unanswered(format!("the answer can't be read: {error}"));
        return serde_json::from_slice(&body).map(|body| (headers, body)).map_err(unreadable);
    }
    let problem = serde_json::from_slice::<Problem>(&body);
    let Problem { r#type, detail } =
        problem.unwrap_or_else(|_| Problem { r#type: status.to_string(), detail: String::new() });
    if status.is_server_error() {
        return Err(Failure::Unanswered(format!("{status}: {detail}")));
    }
    // The type is a URI whose last part is the name.
    let problem = r#type.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
    Err(Failure::Refused { problem, detail })
}
