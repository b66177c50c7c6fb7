//! Requests of operators' commands to a service.

use std::time::Duration;

use anyhow::{Context, bail};
use endpoint::HttpUrl;
use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::cli::service_url::ServiceUrl;

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
    pub async fn send(self, service: &HttpUrl, caller: &ServiceUrl) -> anyhow::Result<Response> {
        let path: Vec<&str> = self.path.split('/').filter(|part| !part.is_empty()).collect();
        let mut url = service.below(&path)?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(self.query);
        }
        let request = endpoint::client(TIMEOUT)?.request(self.method, url.clone());
        let mut request = request.bearer_auth(&caller.admin_key);
        if let Some(name) = caller.operator.name() {
            // A header takes no other letters than these.
            let encoded: String = byte_serialize(name.as_bytes()).collect();
            request = request.header("operator", encoded);
        }
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
