//! The commands of operators.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use endpoint::{Amqp, AmqpUrl, Endpoint, HttpUrl, Postgres, PostgresUrl, Protocol};
use uuid::Uuid;

use super::environment::{MANAGEMENT_URL, RABBITMQ_URL};
use super::log_limits::LogLimits;
use super::secrets::read;
use super::url_per_service::UrlPerService;

/// What to read of the event log.
#[derive(Subcommand, Debug)]
pub enum Events {
    /// Print a line for each event as it arrives, until Ctrl-C; with `--from`, start with the events since then
    Tail(EventSelection),
    /// Print one event, as JSON
    Show(ShowEvent),
    /// Print all events up to now, one JSON object per line
    Export(EventSelection),
}

/// Where the event log is.
#[derive(Args, Debug)]
pub struct LogUrl {
    /// RabbitMQ with its virtual host, as a user with permission to read `event-log`: `amqp://user:password@host:5672/vhost`
    #[arg(long, env = RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: AmqpUrl,
}

/// Which events to print.
#[derive(Args, Clone, Debug)]
pub struct Selection {
    /// Only events of this type, or with this prefix: `cart.item-added.v1`, `cart.*`
    #[arg(long = "type")]
    pub event_type: Option<String>,

    /// Only events about this subject, for example a cart's id
    #[arg(long)]
    pub subject: Option<String>,

    /// Only events at or after this time: `2026-11-21T12:00:00Z`
    #[arg(long)]
    pub from: Option<DateTime<Utc>>,

    /// Only events before this time
    #[arg(long)]
    pub until: Option<DateTime<Utc>>,
}

/// Which events, and where they are.
#[derive(Args, Debug)]
pub struct EventSelection {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: LogUrl,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub selection: Selection,
}

/// Which event to print.
#[derive(Args, Debug)]
pub struct ShowEvent {
    /// The event's id
    pub id: Uuid,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: LogUrl,
}

/// Where the topology is declared.
#[derive(Args, Debug)]
pub struct TopologyUrl {
    /// RabbitMQ with its virtual host, as a user with permission to declare: `amqp://user:password@host:5672/vhost`
    #[arg(long, env = RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: AmqpUrl,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: LogLimits,
}

/// Which address to check.
#[derive(Args, Debug)]
pub struct Ready {
    /// The address: `http://127.0.0.1:8080/health/ready`
    #[arg(long)]
    pub url: HttpUrl,
}

/// What to check: what `up` runs here, unless it is given. What is neither is reported as not checked.
#[derive(Args, Debug)]
pub struct Doctor {
    /// RabbitMQ with its virtual host, as an administrator: `amqp://user:password@host:5672/vhost`
    #[arg(long, env = RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: AmqpUrl,

    /// RabbitMQ's management API, as an administrator; by default port 15672 of the same host
    #[arg(long, env = MANAGEMENT_URL, hide_env_values = true)]
    pub management_url: Option<HttpUrl>,

    /// A service and the URL of its database, as its own role: `cart=postgres://cart:password@host/cart`; repeat for each service
    #[arg(long = "database", value_name = "SERVICE=URL", value_parser = UrlPerService::<Postgres>::new())]
    pub databases: Vec<(String, PostgresUrl)>,

    /// A service and its broker URL, as its own user: `cart=amqp://cart:password@host/vhost`; repeat for each service
    #[arg(long = "broker-user", value_name = "SERVICE=URL", value_parser = UrlPerService::<Amqp>::new())]
    pub broker_users: Vec<(String, AmqpUrl)>,

    /// A folder with one file per service that holds its password, for those of these URLs that have none
    #[arg(long, env = "CARTWHEEL_PASSWORDS", value_name = "FOLDER")]
    pub passwords: Option<PathBuf>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: LogLimits,

    /// Hours that the event log must reach back, so that a service that was down can catch up from it
    #[arg(long, env = "CARTWHEEL_EVENT_LOG_MIN_HOURS", default_value_t = 48)]
    pub event_log_min_hours: u32,
}

impl Doctor {
    /// With the passwords of the folder in the URLs.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn with_passwords(mut self) -> anyhow::Result<Self> {
        if let Some(folder) = &self.passwords {
            fill_in(&mut self.databases, folder)?;
            fill_in(&mut self.broker_users, folder)?;
        }
        Ok(self)
    }
}

fn fill_in<P: Protocol>(urls: &mut [(String, Endpoint<P>)], folder: &Path) -> anyhow::Result<()> {
    for (service, url) in urls.iter_mut().filter(|(_, url)| url.password().is_none()) {
        let user = url.user().unwrap_or(service).to_owned();
        *url = url.clone().with_user(&user, &read(&folder.join(&*service))?);
    }
    Ok(())
}
