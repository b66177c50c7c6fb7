//! Virtual hosts and users, by RabbitMQ's management API.

use anyhow::Context as _;
use serde_json::json;

use super::management::Management;
use super::salted_hash;

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
    let management = Management::new(management_url)?;
    management
        .put(&["vhosts", vhost], &json!({}))
        .await
        .with_context(|| format!("cannot create the virtual host {vhost}"))?;
    let all = json!({"configure": ".*", "write": ".*", "read": ".*"});
    management.put(&["permissions", vhost, management.user()], &all).await?;
    for user in users {
        let name = &user.name;
        create_user(&management, vhost, user)
            .await
            .with_context(|| format!("cannot create the broker's user {name}"))?;
    }
    Ok(())
}

async fn create_user(management: &Management, vhost: &str, user: &BrokerUser) -> anyhow::Result<()> {
    let BrokerUser { name, password, configure, write, read } = user;
    let login = json!({
        "password_hash": salted_hash::of(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    });
    management.put(&["users", name], &login).await?;
    let rights = json!({"configure": configure, "write": write, "read": read});
    management.put(&["permissions", vhost, name], &rights).await
}

/// Removes the virtual host with all that is in it, and these users. What is not there is passed over.
pub async fn remove_vhost(
    management_url: &str,
    vhost: &str,
    users: &[impl AsRef<str>],
) -> anyhow::Result<()> {
    let management = Management::new(management_url)?;
    management.delete(&["vhosts", vhost]).await?;
    for user in users {
        management.delete(&["users", user.as_ref()]).await?;
    }
    Ok(())
}
