//! RabbitMQ's management API, as far as it is needed here.

use std::time::Duration;

use anyhow::Context as _;
use endpoint::HttpUrl;
use reqwest::{Client, Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

/// As an administrator.
pub(super) struct Management {
    http: Client,
    url: HttpUrl,
}

#[derive(Deserialize)]
struct Overview {
    rabbitmq_version: String,
}

/// The broker's version, which its API gives to every user.
pub(crate) async fn version(management_url: &str) -> anyhow::Result<String> {
    let answer = Management::new(management_url)?.send(Method::GET, &["overview"], None).await?;
    Ok(answer.error_for_status()?.json::<Overview>().await?.rabbitmq_version)
}

impl Management {
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let url = url.parse().context("the management URL can't be used")?;
        Ok(Self { http: endpoint::client(Duration::from_secs(30))?, url })
    }

    /// The administrator.
    pub fn user(&self) -> &str {
        self.url.user().unwrap_or_default()
    }

    /// Creates something, or changes it to this.
    pub async fn put(&self, path: &[&str], body: &Value) -> anyhow::Result<()> {
        self.send(Method::PUT, path, Some(body)).await?.error_for_status()?;
        Ok(())
    }

    /// Deletes something, if it is there.
    pub async fn delete(&self, path: &[&str]) -> anyhow::Result<()> {
        let answer = self.send(Method::DELETE, path, None).await?;
        if answer.status() != StatusCode::NOT_FOUND {
            answer.error_for_status()?;
        }
        Ok(())
    }

    async fn send(&self, method: Method, path: &[&str], body: Option<&Value>) -> anyhow::Result<Response> {
        let mut request = self.url.request(&self.http, method, &[&["api"], path].concat())?;
        if let Some(body) = body {
            request = request.json(body);
        }
        Ok(request.send().await?)
    }
}
