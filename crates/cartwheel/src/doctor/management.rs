//! What RabbitMQ's management API says about the broker and a virtual host.

use std::time::Duration;

use anyhow::Context as _;
use endpoint::{AmqpUrl, HttpUrl};
use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(30);

/// The management API, as an administrator.
pub struct Management {
    /// Each of them says the same.
    urls: Vec<HttpUrl>,
}

/// A node of the broker.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether it runs. The others say nothing else of themselves.
    pub running: bool,
    /// The nodes that it has lost, though they run: the network was split.
    pub partitions: Vec<String>,
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rights {
    /// Declare and delete.
    pub configure: String,
    /// Publish to.
    pub write: String,
    /// Consume from.
    pub read: String,
}

/// A queue: its replicas, and the policies that count for it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Queue {
    /// The queue.
    pub name: String,
    /// `quorum`, for example.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// The node that leads, if one does and the queue is a quorum queue.
    #[serde(default)]
    pub leader: Option<String>,
    /// None: it has no replicas.
    #[serde(default)]
    pub members: Vec<String>,
    /// Some of the members.
    #[serde(default)]
    pub online: Vec<String>,
    /// The policy that matches it.
    #[serde(default)]
    pub policy: Option<String>,
    /// The operators' policy that matches it.
    #[serde(default)]
    pub operator_policy: Option<String>,
    /// What the two set; an empty list where they set nothing.
    #[serde(default)]
    pub effective_policy_definition: Value,
}

#[derive(Deserialize)]
struct Overview {
    rabbitmq_version: String,
}

#[derive(Deserialize)]
struct Binding {
    source: String,
    destination: String,
    destination_type: String,
}

#[derive(Deserialize)]
struct UserRights {
    user: String,
    #[serde(flatten)]
    rights: Rights,
}

impl Management {
    /// At this URL, or where it usually is beside the broker.
    pub fn of(amqp: &AmqpUrl, given: Option<&HttpUrl>) -> Self {
        Self { urls: given.map_or_else(|| amqp.management(), |url| vec![url.clone()]) }
    }

    /// The broker's version.
    pub async fn version(&self) -> anyhow::Result<String> {
        Ok(self.get::<Overview>(&["overview"]).await?.rabbitmq_version)
    }

    /// The broker's nodes.
    pub async fn nodes(&self) -> anyhow::Result<Vec<Node>> {
        self.get(&["nodes"]).await
    }

    /// Which exchange is bound to which queue: `(exchange, queue)`.
    pub async fn bindings(&self, vhost: &str) -> anyhow::Result<Vec<(String, String)>> {
        let bindings: Vec<Binding> = self.get(&["bindings", vhost]).await?;
        let to_queues = bindings.into_iter().filter(|binding| binding.destination_type == "queue");
        Ok(to_queues.map(|binding| (binding.source, binding.destination)).collect())
    }

    /// The queues.
    pub async fn queues(&self, vhost: &str) -> anyhow::Result<Vec<Queue>> {
        self.get(&["queues", vhost]).await
    }

    /// What a user may do; none when there is no such user, or it may do nothing there.
    pub async fn rights(&self, vhost: &str, user: &str) -> anyhow::Result<Option<Rights>> {
        let all: Vec<UserRights> = self.get(&["vhosts", vhost, "permissions"]).await?;
        Ok(all.into_iter().find(|own| own.user == user).map(|own| own.rights))
    }

    async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> anyhow::Result<T> {
        let mut answer = Err(anyhow::anyhow!("its URL names no host"));
        for url in &self.urls {
            answer = ask(url, path).await.with_context(|| format!("no answer from {url}"));
            if answer.is_ok() {
                break;
            }
        }
        answer
    }
}

async fn ask<T: DeserializeOwned>(url: &HttpUrl, path: &[&str]) -> anyhow::Result<T> {
    let request = url.request(&endpoint::client(TIMEOUT)?, Method::GET, &[&["api"], path].concat())?;
    let answer = request.send().await.map_err(reqwest::Error::without_url)?;
    let answer = answer.error_for_status().map_err(reqwest::Error::without_url)?;
    Ok(answer.json().await.map_err(reqwest::Error::without_url)?)
}
