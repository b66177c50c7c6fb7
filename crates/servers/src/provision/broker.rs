//! Virtual hosts and users, by RabbitMQ's management API.

use std::time::Duration;

use anyhow::Context as _;
use endpoint::HttpUrl;
use rabbitmq_http_client::api::Client;
use rabbitmq_http_client::password_hashing::{base64_encoded_salted_password_hash_sha256, salt};
use rabbitmq_http_client::requests::{Permissions, UserParams, VirtualHostParams};

/// A user of one virtual host. The three rights are regular expressions over names of queues and exchanges;
/// an empty one matches nothing.
#[derive(Clone)]
pub struct BrokerUser {
    /// The name, which is the whole broker's, not the virtual host's.
    pub name: String,
    /// The password in clear.
    pub password: String,
    /// What the user may declare and delete.
    pub configure: String,
    /// What the user may publish to.
    pub write: String,
    /// What the user may consume from.
    pub read: String,
}

/// Creates the virtual host and its users where they are missing, and gives each its password and rights.
/// The administrator of the URL keeps all rights in it.
pub async fn vhost(management_url: &str, vhost: &str, users: &[BrokerUser]) -> anyhow::Result<()> {
    let (client, administrator) = client(management_url)?;
    client
        .create_vhost(&VirtualHostParams::named(vhost))
        .await
        .with_context(|| format!("cannot create the virtual host {vhost}"))?;
    client
        .declare_permissions(&Permissions {
            user: &administrator,
            vhost,
            configure: ".*",
            read: ".*",
            write: ".*",
        })
        .await?;
    for user in users {
        let name = &user.name;
        create_user(&client, vhost, user)
            .await
            .with_context(|| format!("cannot create the broker's user {name}"))?;
    }
    Ok(())
}

async fn create_user(client: &Api, vhost: &str, user: &BrokerUser) -> anyhow::Result<()> {
    let password_hash = base64_encoded_salted_password_hash_sha256(&salt(), &user.password);
    client.create_user(&UserParams { name: &user.name, password_hash: &password_hash, tags: "" }).await?;
    let BrokerUser { name, configure, write, read, .. } = user;
    client.declare_permissions(&Permissions { user: name, vhost, configure, read, write }).await?;
    Ok(())
}

/// Removes the virtual host with all that is in it, and these users. What is not there is passed over.
pub async fn remove_vhost(
    management_url: &str,
    vhost: &str,
    users: &[impl AsRef<str>],
) -> anyhow::Result<()> {
    let (client, _) = client(management_url)?;
    client.delete_vhost(vhost, true).await?;
    for user in users {
        client.delete_user(user.as_ref(), true).await?;
    }
    Ok(())
}

/// The broker's version, which its API gives to every user.
pub(crate) async fn version(management_url: &str) -> anyhow::Result<String> {
    Ok(client(management_url)?.0.server_version().await?)
}

pub(crate) type Api = Client<String, String, String>;

pub(crate) fn client(management_url: &str) -> anyhow::Result<(Api, String)> {
    let url: HttpUrl = management_url.parse().context("the management URL can't be used")?;
    let (user, password) =
        (url.user().unwrap_or_default().to_owned(), url.password().unwrap_or_default().to_owned());
    let http = endpoint::client(Duration::from_secs(30))?;
    Ok((Client::from_http_client(http, format!("{}/api", url.without_user()), user.clone(), password), user))
}
