//! External servers, given by their URLs.

use anyhow::Context as _;
use endpoint::{AmqpUrl, Endpoint, PostgresUrl, Protocol};

use crate::plan::Missing;
use crate::postgres::Postgres;
use crate::rabbitmq::RabbitMq;
use crate::runner::Runner;

/// The environment variable of [`ExistingServers::rabbitmq_url`].
pub const RABBITMQ_URL: &str = "CARTWHEEL_RABBITMQ_URL";
/// The environment variable of [`ExistingServers::management_url`].
pub const MANAGEMENT_URL: &str = "CARTWHEEL_RABBITMQ_MANAGEMENT_URL";
/// The environment variable of [`ExistingServers::postgres_url`].
pub const POSTGRES_URL: &str = "CARTWHEEL_POSTGRES_URL";

/// The URLs of servers to use instead of starting some. Either may be missing; an empty URL counts as none.
#[derive(Clone, Default)]
pub struct ExistingServers {
    /// `amqp://administrator:password@host:port`.
    pub rabbitmq_url: Option<String>,
    /// `http://administrator:password@host:port`; without it, port 15672 of the AMQP URL's host, as the same user.
    pub management_url: Option<String>,
    /// `postgres://superuser:password@host:port/postgres`.
    pub postgres_url: Option<String>,
}

impl ExistingServers {
    pub(crate) fn missing(&self) -> anyhow::Result<Missing> {
        let is_missing = |url: &Option<String>| url.as_deref().is_none_or(str::is_empty);
        let missing =
            Missing { rabbitmq: is_missing(&self.rabbitmq_url), postgres: is_missing(&self.postgres_url) };
        if missing.rabbitmq && !is_missing(&self.management_url) {
            anyhow::bail!("{MANAGEMENT_URL} is set, {RABBITMQ_URL} is not: set both, or neither");
        }
        Ok(missing)
    }

    pub(crate) async fn rabbitmq(&self) -> anyhow::Result<RabbitMq> {
        let amqp: AmqpUrl = read(self.rabbitmq_url.as_deref(), RABBITMQ_URL)?;
        let management = match self.management_url.as_deref() {
            None | Some("") => amqp.management().into_iter().next().context("no host")?,
            url => read(url, MANAGEMENT_URL)?,
        };
        let origin = format!("at {amqp}, because {RABBITMQ_URL} says so");
        let check = format!("check {RABBITMQ_URL} and {MANAGEMENT_URL} ({management})");
        RabbitMq::connect(&amqp, &management, origin, Runner::External, None).await.context(check)
    }

    pub(crate) async fn postgres(&self) -> anyhow::Result<Postgres> {
        let url: PostgresUrl = read(self.postgres_url.as_deref(), POSTGRES_URL)?;
        let origin = format!("at {url}, because {POSTGRES_URL} says so");
        let check = format!("check {POSTGRES_URL} ({url})");
        Postgres::connect(&url, origin, Runner::External, None).await.context(check)
    }
}

fn read<P: Protocol>(text: Option<&str>, variable: &str) -> anyhow::Result<Endpoint<P>> {
    text.unwrap_or_default().parse().with_context(|| format!("{variable} can't be used"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_url_counts_as_none() {
        let empty = ExistingServers {
            rabbitmq_url: Some(String::new()),
            management_url: Some(String::new()),
            postgres_url: None,
        };
        assert!(empty.missing().unwrap().rabbitmq);
    }

    #[test]
    fn a_management_url_alone_is_refused() {
        let existing = ExistingServers {
            management_url: Some("http://localhost:15672".into()),
            ..ExistingServers::default()
        };
        assert!(existing.missing().is_err());
    }
}
