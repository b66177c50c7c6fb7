//! What RabbitMQ's management API says about the broker and a virtual host.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(30);

/// The management API, as an administrator.
pub struct Management {
    /// User and password included.
    url: Url,
}

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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rights {
    /// Declare and delete.
    pub configure: String,
    /// Publish to.
    pub write: String,
    /// Consume from.
    pub read: String,
}

/// A queue's replicas: the nodes that have one, and those where it runs.
#[derive(Clone, Debug, Deserialize)]
pub struct Replicas {
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
    /// At this URL: `http://user:password@host:15672`.
    pub fn at(url: &str) -> anyhow::Result<Self> {
        let url = Url::parse(url).context("the management URL is no URL")?;
        anyhow::ensure!(url.host_str().is_some(), "the management URL names no host");
        Ok(Self { url })
    }

    /// Where it usually is: port 15672 of the broker's host, as the same user.
    pub fn beside(amqp: &Url) -> anyhow::Result<Self> {
        let (user, password) = (amqp.username(), amqp.password().unwrap_or_default());
        let host = amqp.host_str().unwrap_or_default();
        Self::at(&format!("http://{user}:{password}@{host}:15672"))
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

    /// The replicas of each queue.
    pub async fn replicas(&self, vhost: &str) -> anyhow::Result<Vec<Replicas>> {
        self.get(&["queues", vhost]).await
    }

    /// What a user may do; none when there is no such user, or it may do nothing there.
    pub async fn rights(&self, vhost: &str, user: &str) -> anyhow::Result<Option<Rights>> {
        let all: Vec<UserRights> = self.get(&["vhosts", vhost, "permissions"]).await?;
        Ok(all.into_iter().find(|own| own.user == user).map(|own| own.rights))
    }

    async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> anyhow::Result<T> {
        let mut url = self.url.clone();
        url.path_segments_mut()
            .map_err(|()| anyhow::anyhow!("the management URL names no host"))?
            .pop_if_empty()
            .push("api")
            .extend(path);
        // A proxy for the world outside can't reach a broker on this machine. Credentials in the URL become a header.
        let http = Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        // The URL in an error would show the password.
        let answer = http.get(url).send().await.map_err(reqwest::Error::without_url)?;
        let answer = answer.error_for_status().map_err(reqwest::Error::without_url)?;
        Ok(answer.json().await.map_err(reqwest::Error::without_url)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_management_api_is_looked_for_beside_the_broker() {
        let amqp = Url::parse("amqp://shop:p%40ss@broker.test:5673/%2f").unwrap();
        let management = Management::beside(&amqp).unwrap();
        assert_eq!(management.url.as_str(), "http://shop:p%40ss@broker.test:15672/");
    }
}
