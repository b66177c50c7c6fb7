//! Where everything is that `up` runs: written to a file that only its owner can read, so that the commands in another terminal
//! need not be told.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// The folder for data, logs and secrets.
pub const HOME: &str = "CARTWHEEL_HOME";
/// The folder where nothing else is said.
pub const USUAL_HOME: &str = ".cartwheel";

/// Where everything is, and what opens it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// The shop: `http://127.0.0.1:8080`.
    pub url: String,
    /// The operators' key.
    pub admin_key: String,
    /// RabbitMQ with the shop's virtual host, as an administrator.
    pub rabbitmq_url: String,
    /// RabbitMQ's management API, as an administrator.
    pub management_url: String,
    /// The shop's virtual host.
    pub vhost: String,
    /// Each service's own.
    pub services: BTreeMap<String, ServiceConnections>,
}

/// What one service connects to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceConnections {
    /// Its database, as its own role.
    pub database_url: String,
    /// RabbitMQ, as its own user.
    pub broker_url: String,
}

impl Connections {
    /// Those of the shop that runs in the usual folder, if one does.
    #[must_use]
    pub fn here() -> Option<Self> {
        let home = std::env::var_os(HOME).filter(|home| !home.is_empty());
        let home = home.map_or_else(|| PathBuf::from(USUAL_HOME), PathBuf::from);
        serde_json::from_slice(&fs::read(file(&home)).ok()?).ok()
    }

    /// Writes them down, in place of what an earlier run left.
    pub fn write(&self, home: &Path) -> anyhow::Result<()> {
        let file = file(home);
        let context = || format!("writing {}", file.display());
        // Created, never overwritten: an older file may have other rights.
        remove(home).with_context(context)?;
        let mut new =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).with_context(context)?;
        new.write_all(&serde_json::to_vec_pretty(self)?).with_context(context)
    }
}

/// Removes what was written down.
pub fn remove(home: &Path) -> std::io::Result<()> {
    match fs::remove_file(file(home)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn file(home: &Path) -> PathBuf {
    home.join("connections.json")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nobody_else_can_read_them_whatever_was_there_before() {
        let home = tempfile::tempdir().unwrap();
        let service = ServiceConnections {
            database_url: "postgres://cart:p@h/cart".to_owned(),
            broker_url: "amqp://cart:p@h/v".to_owned(),
        };
        let connections = Connections {
            url: "http://127.0.0.1:8080".to_owned(),
            admin_key: "key".to_owned(),
            rabbitmq_url: "amqp://a:p@h/v".to_owned(),
            management_url: "http://a:p@h:15672".to_owned(),
            vhost: "v".to_owned(),
            services: BTreeMap::from([("cart".to_owned(), service)]),
        };
        fs::write(file(home.path()), "of an earlier run").unwrap();
        fs::set_permissions(file(home.path()), fs::Permissions::from_mode(0o644)).unwrap();
        connections.write(home.path()).unwrap();
        let written = fs::read(file(home.path())).unwrap();
        assert_eq!(serde_json::from_slice::<Connections>(&written).unwrap(), connections);
        assert_eq!(fs::metadata(file(home.path())).unwrap().permissions().mode() & 0o777, 0o600);
        remove(home.path()).unwrap();
        remove(home.path()).unwrap();
        assert!(!file(home.path()).exists());
    }
}
