//! The services, as the pages see them: their REST APIs.

pub mod cart;
pub mod catalog;
mod failure;
pub mod inventory;
pub mod recommend;

use std::net::IpAddr;
use std::time::Duration;

use clap::Args;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

pub use failure::Failure;

/// How long a page waits for a service.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where the services are.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct ServiceUrls {
    /// The address of the catalog's REST API
    #[arg(long = "catalog-url", env = "CARTWHEEL_CATALOG_URL")]
    pub catalog: Url,

    /// The address of the cart's REST API
    #[arg(long = "cart-url", env = "CARTWHEEL_CART_URL")]
    pub cart: Url,

    /// The address of inventory's REST API
    #[arg(long = "inventory-url", env = "CARTWHEEL_INVENTORY_URL")]
    pub inventory: Url,

    /// The address of recommend's REST API
    #[arg(long = "recommend-url", env = "CARTWHEEL_RECOMMEND_URL")]
    pub recommend: Url,

    /// The address of notify's REST API
    #[arg(long = "notify-url", env = "CARTWHEEL_NOTIFY_URL")]
    pub notify: Url,

    /// The address of analytics' REST API
    #[arg(long = "analytics-url", env = "CARTWHEEL_ANALYTICS_URL")]
    pub analytics: Url,
}

/// The services' REST APIs.
#[derive(Clone)]
pub struct Services {
    http: Client,
    urls: ServiceUrls,
    /// On whose behalf they are asked.
    client: Option<IpAddr>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    Catalog,
    Cart,
    Inventory,
    Recommend,
    Notify,
    Analytics,
}

impl Service {
    pub const ALL: [Self; 6] =
        [Self::Catalog, Self::Cart, Self::Inventory, Self::Recommend, Self::Notify, Self::Analytics];

    /// Its name: `cart`. What every service has for operators is found under it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Cart => "cart",
            Self::Inventory => "inventory",
            Self::Recommend => "recommend",
            Self::Notify => "notify",
            Self::Analytics => "analytics",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }
}

impl Services {
    pub fn new(urls: &ServiceUrls) -> anyhow::Result<Self> {
        Ok(Self { http: endpoint::client(TIMEOUT)?, urls: urls.clone(), client: None })
    }

    /// The same on behalf of a client, whose limits then count: `X-Forwarded-For` names it, which the services believe if the
    /// pages are among their `CARTWHEEL_TRUSTED_PROXIES`.
    pub fn on_behalf_of(&self, client: Option<IpAddr>) -> Self {
        Self { client, ..self.clone() }
    }

    fn forwarded(&self, request: RequestBuilder) -> RequestBuilder {
        match self.client {
            Some(client) => request.header("x-forwarded-for", client.to_string()),
            None => request,
        }
    }

    /// A request to a service; each part of the path is one segment.
    pub fn request(&self, service: Service, method: Method, path: &[&str]) -> RequestBuilder {
        self.forwarded(self.http.request(method, self.url(service, path)))
    }

    /// A request to read something.
    pub fn get(&self, service: Service, path: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.url(service, path);
        url.query_pairs_mut().extend_pairs(query);
        self.forwarded(self.http.get(url))
    }

    /// The address of something of a service; each part of the path is one segment.
    pub fn url(&self, service: Service, path: &[&str]) -> Url {
        let mut url = match service {
            Service::Catalog => &self.urls.catalog,
            Service::Cart => &self.urls.cart,
            Service::Inventory => &self.urls.inventory,
            Service::Recommend => &self.urls.recommend,
            Service::Notify => &self.urls.notify,
            Service::Analytics => &self.urls.analytics,
        }
        .clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// What is at an address; `None` where it does not answer.
    pub async fn text(&self, url: Url) -> Option<String> {
        self.http.get(url).send().await.ok()?.error_for_status().ok()?.text().await.ok()
    }
}

/// Sends a request, and returns an answer that is a success.
pub async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    let answer = request.send().await.map_err(Failure::unreachable)?;
    if answer.status().is_success() { Ok(answer) } else { Err(Failure::of(answer).await) }
}

/// Sends a request, and reads the body of an answer that is a success.
pub async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    send(request).await?.json().await.map_err(Failure::unreachable)
}
