use std::net::SocketAddr;
use std::path::Path;

use cartwheel::up::accounts::{Administration, Namespace};
use tokio::process::Command;

/// Everything in one process of its own, at an address that survives it.
pub struct Everything<'a> {
    pub servers: Administration,
    pub address: SocketAddr,
    pub home: &'a Path,
    pub namespace: &'a Namespace,
}

impl<'a> Everything<'a> {
    pub fn new(servers: Administration, home: &'a Path, namespace: &'a Namespace) -> Self {
        let address = servers::ports::free_address().unwrap();
        Self { servers, address, home, namespace }
    }

    /// `cartwheel up`.
    pub fn command(&self) -> Command {
        let mut command = Command::new(testkit::cartwheel_binary());
        command
            .args(["up", "--listen", &self.address.to_string(), "--namespace", self.namespace.vhost()])
            .arg("--home")
            .arg(self.home)
            .env(servers::RABBITMQ_URL, &self.servers.rabbitmq)
            .env(servers::MANAGEMENT_URL, &self.servers.management)
            .env(servers::POSTGRES_URL, &self.servers.postgres)
            // A mail that was claimed by a killed process comes again when its lease is over.
            .envs([("CARTWHEEL_MAIL_LEASE_SECONDS", "3"), ("CARTWHEEL_SMTP_TIMEOUT_SECONDS", "1")])
            // Its shoppers get more mails than the cap allows.
            .env("CARTWHEEL_MAILS_PER_ADDRESS_AND_HOUR", "0")
            .stdout(std::process::Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
