//! Who gives a command, and the writing down of what it does.

use std::env;

use bus::audit::{self, Decision};
use clap::Args;
use serde_json::json;
use sqlx::PgPool;

/// Where machines say who their user is. Who became another user with `sudo` is meant, not whom they became.
const USER: [&str; 3] = ["SUDO_USER", "USER", "LOGNAME"];

/// The person who gives a command.
#[derive(Args, Clone, Debug, Default)]
pub struct Operator {
    /// Who you are, for the audit log; by default this machine's user
    #[arg(id = "operator", long = "operator", value_name = "NAME", env = "CARTWHEEL_OPERATOR")]
    given: Option<String>,
}

impl Operator {
    /// The name, where one is known.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let user = || USER.iter().find_map(|variable| not_blank(env::var(variable).ok()));
        not_blank(self.given.clone()).or_else(user)
    }

    /// Does something to a service's database: what it is is written down before, and afterwards how it ended.
    ///
    /// # Errors
    /// When that fails, or the database can't be written; what can't be written down is not done.
    pub async fn does<T>(
        &self,
        action: &str,
        target: &str,
        pool: &PgPool,
        doing: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let decision = Decision { action, target, reason: None, details: json!({}) };
        let number = audit::acting(self.name(), audit::begin(pool, &decision)).await?;
        let result = doing.await;
        let outcome = if result.is_ok() { "done" } else { "failed" };
        audit::end(pool, number, &json!({"outcome": outcome})).await?;
        result
    }
}

fn not_blank(name: Option<String>) -> Option<String> {
    name.filter(|name| !name.trim().is_empty())
}
