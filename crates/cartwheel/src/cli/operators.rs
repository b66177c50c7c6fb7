//! The commands by which operators see and judge what happened.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use events::PARTICIPANTS;
use uuid::Uuid;

use super::environment::{MANAGEMENT_URL, RABBITMQ_URL};

/// What to do about events that a service could not take.
#[derive(Subcommand, Debug)]
pub enum Parked {
    /// Lists them, the oldest first
    List(ListParked),
    /// Shows one with its body, as JSON
    Show(OneParked),
    /// Has one tried again now
    Retry(OneParked),
    /// Gives one up: the service never takes it, and goes on with those behind it
    Discard(OneParked),
    /// Gives up the lost events that one waits for, and goes on with it
    Release(OneParked),
}

/// The service that could not take them.
#[derive(Args, Debug)]
pub struct ServiceUrl {
    /// The service: `http://127.0.0.1:8080/notify` behind the address of `up`, or its own address
    #[arg(long)]
    pub url: String,

    /// The operators' key
    #[arg(long, env = "CARTWHEEL_ADMIN_KEY", hide_env_values = true)]
    pub admin_key: String,
}

/// Which to list.
#[derive(Args, Debug)]
pub struct ListParked {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,

    /// Only those of this type: `cart.item-added.v1`
    #[arg(long = "type")]
    pub kind: Option<String>,

    /// Only those about this, for example a cart's id
    #[arg(long)]
    pub subject: Option<String>,

    /// Only those in this state
    #[arg(long)]
    pub state: Option<ParkedState>,

    /// At most so many
    #[arg(long, default_value_t = 100)]
    pub limit: u16,
}

/// What an event is parked for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ParkedState {
    /// For an earlier event of its subject
    Waiting,
    /// A rule or its data stands against it
    Failed,
    /// The process died of it, again and again
    Fatal,
}

/// One of them.
#[derive(Args, Debug)]
pub struct OneParked {
    /// Its id in the list
    pub id: i64,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,
}

/// What to read of the event log.
#[derive(Subcommand, Debug)]
pub enum Events {
    /// Prints a line for each event as it comes, until Ctrl-C; with `--from`, begins with those since then
    Tail(SomeEvents),
    /// Prints one event, as JSON
    Show(ShowEvent),
    /// Prints the events until now, each as JSON on a line
    Export(SomeEvents),
}

/// Where the event log is.
#[derive(Args, Debug)]
pub struct LogUrl {
    /// RabbitMQ with its virtual host, as a user who may read `event-log`: `amqp://user:password@host:5672/vhost`
    #[arg(long, env = RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: String,
}

/// Which events count.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// Only those of this type, or of all types that begin so: `cart.item-added.v1`, `cart.*`
    #[arg(long = "type")]
    pub kind: Option<String>,

    /// Only those about this, for example a cart's id
    #[arg(long)]
    pub subject: Option<String>,

    /// Only those that happened at this time or later: `2026-11-21T12:00:00Z`
    #[arg(long)]
    pub from: Option<DateTime<Utc>>,

    /// Only those that happened before this time
    #[arg(long)]
    pub until: Option<DateTime<Utc>>,
}

/// Which events, and where they are.
#[derive(Args, Debug)]
pub struct SomeEvents {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: LogUrl,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub which: Which,
}

/// The event to print.
#[derive(Args, Debug)]
pub struct ShowEvent {
    /// Its id
    pub id: Uuid,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: LogUrl,
}

/// Where the topology is declared.
#[derive(Args, Debug)]
pub struct TopologyUrl {
    /// RabbitMQ with its virtual host, as a user who may declare: `amqp://user:password@host:5672/vhost`
    #[arg(long, env = RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: String,
}

/// What to ask.
#[derive(Args, Debug)]
pub struct Ready {
    /// The address: `http://127.0.0.1:8080/health/ready`
    #[arg(long)]
    pub url: String,
}

/// What to check. What isn't given is not checked, and that is said.
#[derive(Args, Debug)]
pub struct Doctor {
    /// RabbitMQ with its virtual host, as an administrator: `amqp://user:password@host:5672/vhost`
    #[arg(long, env = RABBITMQ_URL, hide_env_values = true)]
    pub rabbitmq_url: String,

    /// RabbitMQ's management API, as an administrator; by default port 15672 of the same host
    #[arg(long, env = MANAGEMENT_URL, hide_env_values = true)]
    pub management_url: Option<String>,

    /// A service's database, as its own role, by the service's name: `cart=postgres://cart:password@host/cart`; once for each
    #[arg(long = "database", value_name = "SERVICE=URL", value_parser = service_url, hide_env_values = true)]
    pub databases: Vec<(String, String)>,

    /// A service's broker URL, as its own user, by the service's name: `cart=amqp://cart:password@host/vhost`; once for each
    #[arg(long = "broker-user", value_name = "SERVICE=URL", value_parser = service_url, hide_env_values = true)]
    pub broker_users: Vec<(String, String)>,
}

fn service_url(given: &str) -> Result<(String, String), String> {
    let (service, url) =
        given.split_once('=').ok_or("write SERVICE=URL: cart=postgres://cart:password@host/cart")?;
    if !PARTICIPANTS.iter().any(|participant| participant.service == service) {
        return Err(format!("there is no service '{service}'"));
    }
    Ok((service.to_owned(), url.to_owned()))
}
