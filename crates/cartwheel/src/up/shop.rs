//! All services wired together in one process, each with an account of its own: what `up`, `demo` and the tests run.

use std::iter;
use std::sync::Arc;

use anyhow::{Context, bail};
use bus::Observer;
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use service::{Api, Lifecycle};

use super::accounts::{Account, Accounts};
use super::secrets::Secrets;

/// What the services of a shop are started with.
#[derive(Clone)]
pub struct Shop {
    /// Where each finds its own.
    pub accounts: Accounts,
    /// The keys that they share.
    pub secrets: Secrets,
    /// The mail server.
    pub smtp_url: String,
}

/// A service's settings as a command line of their own, so that defaults and environment variables count as they do
/// for `serve`.
#[derive(Parser)]
struct CommandLine<S: Args> {
    #[command(flatten)]
    settings: S,
}

impl Shop {
    /// Starts one service.
    pub async fn start(
        &self,
        service: &str,
        observer: Arc<dyn Observer>,
        lifecycle: &Lifecycle,
    ) -> anyhow::Result<Api> {
        match service {
            "catalog" => catalog::start(&self.settings(service, &[])?, observer, lifecycle).await,
            "cart" => cart::start(&self.settings(service, &[])?, observer, lifecycle).await,
            "inventory" => inventory::start(&self.settings(service, &[])?, observer, lifecycle).await,
            "recommend" => recommend::start(&self.settings(service, &[])?, observer, lifecycle).await,
            "notify" => {
                let smtp = [("smtp-url", self.smtp_url.as_str())];
                notify::start(&self.settings(service, &smtp)?, observer, lifecycle).await
            }
            _ => bail!("there is no service '{service}'"),
        }
    }

    /// A service's settings as it gets them.
    pub fn settings<S: Args>(&self, service: &str, own: &[(&str, &str)]) -> anyhow::Result<S> {
        let Account { database_url, broker_url } = self.accounts.of(service)?;
        let shared = [
            ("database-url", database_url.as_str()),
            ("broker-url", broker_url),
            ("admin-key", &self.secrets.admin_key),
            ("token-secret", &self.secrets.token_secret),
        ];
        let arguments = shared.iter().chain(own).map(|(name, value)| format!("--{name}={value}"));
        let line = CommandLine::<S>::command()
            .try_get_matches_from(iter::once(service.to_owned()).chain(arguments))?;
        Ok(CommandLine::from_arg_matches(&line).with_context(|| format!("{service}'s settings"))?.settings)
    }
}
