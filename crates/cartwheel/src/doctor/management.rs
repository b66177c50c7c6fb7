//! What a broker tells of itself and of a virtual host, by its management API.

use anyhow::Context as _;
use rabbitmq_http_client::commons::BindingDestinationType;
use serde::Deserialize;

use crate::provision::{credentials, management};
use url::Url;

/// A node of the broker.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether publishers are blocked because it is short of memory.
    pub mem_alarm: bool,
    /// Whether publishers are blocked because it is short of disk.
    pub disk_free_alarm: bool,
    /// Free bytes on its disk.
    pub disk_free: u64,
    /// With fewer free bytes than this it blocks publishers.
    pub disk_free_limit: u64,
}

/// What a user may do in a virtual host, as regular expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Declare and delete.
    pub configure: String,
    /// Publish to.
    pub write: String,
    /// Consume from.
    pub read: String,
}

/// The broker's version.
pub async fn version(management_url: &str) -> anyhow::Result<String> {
    crate::provision::broker_version(management_url).await
}

/// The broker's nodes.
pub async fn nodes(management_url: &str) -> anyhow::Result<Vec<Node>> {
    let mut url = Url::parse(management_url).context("the management URL is no URL")?;
    let (user, password) = credentials(&url)?;
    let _ = (url.set_username(""), url.set_password(None));
    let http = reqwest::Client::builder().no_proxy().build()?;
    let asked = http.get(url.join("/api/nodes")?).basic_auth(user, Some(password)).send().await?;
    Ok(asked.error_for_status()?.json().await?)
}

/// Which exchange is bound to which queue: `(exchange, queue)`.
pub async fn bindings(management_url: &str, vhost: &str) -> anyhow::Result<Vec<(String, String)>> {
    let bindings = management(management_url)?.0.list_bindings_in(vhost).await?;
    let to_queues =
        bindings.into_iter().filter(|binding| binding.destination_type == BindingDestinationType::Queue);
    Ok(to_queues.map(|binding| (binding.source, binding.destination)).collect())
}

/// What a user may do; none when there is no such user, or it may do nothing there.
pub async fn rights(management_url: &str, vhost: &str, user: &str) -> anyhow::Result<Option<Rights>> {
    let all = management(management_url)?.0.list_permissions_in(vhost).await?;
    let own = all.into_iter().find(|permissions| permissions.user == user);
    Ok(own.map(|own| Rights { configure: own.configure, write: own.write, read: own.read }))
}
