use std::process::Command;

use super::TestShop;

impl TestShop {
    /// Runs `cartwheel` with the broker's administrator, and returns what it said.
    pub fn as_administrator(&self, arguments: &[&str]) -> String {
        let url = self.shop.accounts.broker_as_administrator().unwrap();
        let mut command = Command::new(testkit::cartwheel_binary());
        let output = command.args(arguments).env(servers::RABBITMQ_URL, url).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Runs `cartwheel` with a service's database and broker user. Returns whether it succeeded, and what it said.
    pub fn cartwheel(&self, service: &str, arguments: &[&str]) -> (bool, String) {
        let account = self.shop.accounts.of(service).unwrap();
        let output = Command::new(testkit::cartwheel_binary())
            .args(arguments)
            .env("CARTWHEEL_DATABASE_URL", &account.database_url)
            .env("CARTWHEEL_BROKER_URL", &account.broker_url)
            .env("CARTWHEEL_OPERATOR", "Ada Lovelace")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }
}
