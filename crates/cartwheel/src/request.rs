//! Requests of operators' commands to a service.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(30);

/// A request to a service's REST API.
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The path, below the service's address.
    pub path: &'a str,
    /// The query's parameters.
    pub query: &'a [(&'a str, &'a str)],
    /// The body, as JSON.
    pub body: Option<Value>,
}

#[derive(Deserialize)]
struct Problem {
    detail: String,
}

impl Request<'_> {
    /// Sends it to a service, and returns its answer, or its problem in its own words.
    pub async fn send(self, service: &str, admin_key: &str) -> anyhow::Result<Response> {
        let url = format!("{}{}", service.trim_end_matches('/'), self.path);
        let mut url = Url::parse(&url).with_context(|| format!("'{service}' is not an address"))?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(self.query);
        }
        // A proxy for the outside world can't reach this machine.
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        let mut request = http.request(self.method, url.clone()).bearer_auth(admin_key);
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        let answer =
            request.send().await.with_context(|| format!("no service answers at {service}: does it run?"))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        match answer.json::<Problem>().await {
            Ok(problem) => bail!("{}", problem.detail),
            Err(_) => bail!("{url} answered {status}: is this the address of a service?"),
        }
    }
}
