use std::net::SocketAddr;

use tokio::process::{Child, Command};

use super::{TIMEOUT, TestShop};

/// An instance of a service in a process of its own, which a test may kill.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
}

impl TestShop {
    /// Starts one behind a proxy on this machine. [`Process::ready`] waits for it.
    pub fn process(&self, service: &str) -> Process {
        let account = self.shop.accounts.of(service).unwrap();
        let address = servers::ports::free_address().unwrap();
        let mut command = Command::new(testkit::cartwheel_binary());
        command
            .args(["serve", service, "--listen", &address.to_string()])
            .env("CARTWHEEL_DATABASE_URL", &account.database_url)
            .env("CARTWHEEL_BROKER_URL", &account.broker_url)
            .env("CARTWHEEL_ADMIN_KEY", &self.shop.secrets.admin_key)
            .env("CARTWHEEL_TOKEN_SECRET", &self.shop.secrets.token_secret)
            .env("CARTWHEEL_SMTP_URL", &self.shop.smtp_url)
            .envs([("CARTWHEEL_LIMITS", "nobody"), ("CARTWHEEL_TRUSTED_PROXIES", "127.0.0.1")])
            .stdout(std::process::Stdio::null())
            .kill_on_drop(true);
        Process { address, child: command.spawn().unwrap() }
    }
}

impl Process {
    /// Waits until it can do its work.
    pub async fn ready(&self) {
        let url = format!("http://{}/health/ready", self.address);
        servers::ready::until_success(&url, TIMEOUT).await.unwrap();
    }

    /// Kills it by SIGKILL.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }
}
