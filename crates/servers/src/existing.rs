//! External servers, given by their URLs.

use anyhow::Context as _;
use url::Url;

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
        let amqp = parse(self.rabbitmq_url.as_deref().unwrap_or_default(), RABBITMQ_URL)?;
        let management = match self.management_url.as_deref() {
            None | Some("") => management_beside(&amqp)?,
            Some(url) => parse(url, MANAGEMENT_URL)?,
        };
        let origin = format!("at {}, because {RABBITMQ_URL} says so", host_and_port(&amqp));
        RabbitMq::connect(amqp, management.clone(), origin, Runner::External, None).await.with_context(|| {
            format!("check {RABBITMQ_URL} and {MANAGEMENT_URL} ({})", host_and_port(&management))
        })
    }

    pub(crate) async fn postgres(&self) -> anyhow::Result<Postgres> {
        let url = parse(self.postgres_url.as_deref().unwrap_or_default(), POSTGRES_URL)?;
        let origin = format!("at {}, because {POSTGRES_URL} says so", host_and_port(&url));
        Postgres::connect(&url, origin, Runner::External, None)
            .await
            .with_context(|| format!("check {POSTGRES_URL} ({})", host_and_port(&url)))
    }
}

fn parse(text: &str, variable: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text).with_context(|| format!("{variable} is not a URL"))?;
    anyhow::ensure!(url.host_str().is_some(), "{variable} has no host");
    Ok(url)
}

/// The URL without its password, for people.
fn host_and_port(url: &Url) -> String {
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    format!("{}{port}", url.host_str().unwrap_or_default())
}

/// Where RabbitMQ's management API usually is: port 15672 of the same host, as the same user.
///
/// # Errors
/// When the URL has no host.
pub(crate) fn management_beside(amqp: &Url) -> anyhow::Result<Url> {
    let user = amqp.username();
    let password = amqp.password().unwrap_or_default();
    let host = amqp.host_str().unwrap_or_default();
    Ok(Url::parse(&format!("http://{user}:{password}@{host}:15672"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_management_api_is_looked_for_beside_the_broker() {
        let amqp = Url::parse("amqp://shop:p%40ss@broker.test:5673/%2f").unwrap();
        assert_eq!(management_beside(&amqp).unwrap().as_str(), "http://shop:p%40ss@broker.test:15672/");
    }

    #[test]
    fn what_people_read_has_no_password() {
        let url = Url::parse("postgres://shop:secret@db.test:5433/postgres").unwrap();
        assert_eq!(host_and_port(&url), "db.test:5433");
    }

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
