//! All services wired together in one process, each with an account of its own: what `up`, `demo` and the tests run.

use std::iter;
use std::sync::Arc;

use anyhow::{Context, bail};
use bus::Observer;
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use events::PARTICIPANTS;
use service::{Api, Lifecycle};

use super::accounts::{Account, Accounts};
use super::secrets::Secrets;
use crate::cli::secrets::with_secret_files;
use crate::connections::{Connections, ServiceConnections};

/// What the services of a shop are started with.
#[derive(Clone)]
pub struct Shop {
    /// Where each finds its own.
    pub accounts: Accounts,
    /// The keys that they share.
    pub secrets: Secrets,
    /// The mail server.
    pub smtp_url: String,
    /// Where recipients of mails reach the shop, to unsubscribe.
    pub public_url: Option<String>,
    /// The maximum number of mails to an address per hour, 0 for no limit; if it is not set, as notify's own settings say.
    pub mails_per_address_and_hour: Option<u16>,
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
                let limit = self.mails_per_address_and_hour.map(|limit| limit.to_string());
                let own = [
                    ("smtp-url", Some(self.smtp_url.as_str())),
                    ("public-url", self.public_url.as_deref()),
                    ("mails-per-address-and-hour", limit.as_deref()),
                ];
                let own: Vec<_> = own.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
                notify::start(&self.settings(service, &own)?, observer, lifecycle).await
            }
            "analytics" => analytics::start(&self.settings(service, &[])?, observer, lifecycle).await,
            _ => bail!("there is no service '{service}'"),
        }
    }

    /// Where everything of a shop at this address is.
    pub fn connections(&self, url: &str) -> anyhow::Result<Connections> {
        let services = PARTICIPANTS.iter().map(|participant| {
            let Account { database_url, broker_url } = self.accounts.of(participant.service)?.clone();
            Ok((participant.service.to_owned(), ServiceConnections { database_url, broker_url }))
        });
        Ok(Connections {
            url: url.to_owned(),
            admin_key: self.secrets.admin_key.clone(),
            rabbitmq_url: self.accounts.broker_as_administrator()?,
            management_url: self.accounts.management_as_administrator().to_owned(),
            vhost: self.accounts.namespace().vhost().to_owned(),
            services: services.collect::<anyhow::Result<_>>()?,
        })
    }

    /// The pages' settings, with all services behind one address.
    pub fn web(&self, url: &str) -> anyhow::Result<web::Settings> {
        let services =
            ["catalog-url", "cart-url", "inventory-url", "recommend-url", "notify-url", "analytics-url"];
        let broker = ("broker-url", self.accounts.broker_for_pages());
        let own: Vec<_> =
            services.into_iter().map(|service| (service, url)).chain(self.keys()).chain([broker]).collect();
        read("web", &own)
    }

    /// A service's settings as it gets them.
    pub fn settings<S: Args>(&self, service: &str, own: &[(&str, &str)]) -> anyhow::Result<S> {
        let Account { database_url, broker_url } = self.accounts.of(service)?;
        let shared = [("database-url", database_url.as_str()), ("broker-url", broker_url.as_str())];
        let all: Vec<_> = shared.into_iter().chain(self.keys()).chain(own.iter().copied()).collect();
        read(service, &all)
    }

    fn keys(&self) -> [(&'static str, &str); 2] {
        [("admin-key", &self.secrets.admin_key), ("token-secret", &self.secrets.token_secret)]
    }
}

/// Settings from flags, and from the environment.
fn read<S: Args>(of: &str, flags: &[(&str, &str)]) -> anyhow::Result<S> {
    let flags = flags.iter().map(|(name, value)| format!("--{name}={value}"));
    let line = with_secret_files(service::ignore_empty_variables(CommandLine::<S>::command()))?
        .try_get_matches_from(iter::once(of.to_owned()).chain(flags))?;
    Ok(CommandLine::from_arg_matches(&line).with_context(|| format!("{of}'s settings"))?.settings)
}
