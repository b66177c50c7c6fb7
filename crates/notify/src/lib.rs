//! E-mail to shoppers: a mail per addition to a cart whose shopper is known.
//!
//! An addition's mail is queued in the transaction that takes the event, sent over SMTP afterwards, and recorded
//! then, with an event that tells so. Between sending and recording a crash (of this process, of the mail server, or
//! of the connection before the server's answer) has the mail sent again, with the same Message-ID; that is the one
//! place where once means at least once.

mod address;
mod delivery;
mod http;
mod mail;
mod on_events;
mod sender;
mod smtp;
mod store;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;

use mail::Letters;
pub use on_events::Notify;

use sender::{Sender, Wake};
use smtp::Server;
use store::Store;

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// What the service needs to be told.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// What every service needs to be told.
    #[command(flatten)]
    pub service: service::Settings,

    /// The mail server: `smtp://host:port`, `smtps://user:password@host`, `smtp://user:password@host?tls=required`
    #[arg(long, env = "CARTWHEEL_SMTP_URL", hide_env_values = true)]
    pub smtp_url: SecretString,

    /// Whom mails come from; Message-IDs get its domain, so it should not change while mails are queued
    #[arg(long, env = "CARTWHEEL_MAIL_FROM", default_value = "Cartwheel <shop@cartwheel.example>")]
    pub mail_from: Mailbox,

    /// Connections to the mail server at most: mails that are sent at the same time
    #[arg(long, env = "CARTWHEEL_MAIL_CONNECTIONS", default_value_t = 8)]
    pub mail_connections: usize,

    /// How long handing a mail over to the mail server may take, connecting included, in seconds
    #[arg(long, env = "CARTWHEEL_SMTP_TIMEOUT_SECONDS", default_value_t = 15)]
    pub smtp_timeout_seconds: u64,

    /// How long a mail is in the hands of the process that sends it, in seconds: after a crash it is sent again that
    /// much later. Must be longer than the SMTP timeout
    #[arg(long, env = "CARTWHEEL_MAIL_LEASE_SECONDS", default_value_t = 40)]
    pub mail_lease_seconds: u64,
}

/// Starts the service: takes the carts' events, and sends mails.
///
/// # Errors
/// When a setting makes no sense, or the database can't be reached or migrated.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn bus::Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let server = settings.server()?;
    let letters = Letters::new().context("notify: the mails' templates")?;
    let wake = Wake::default();
    let observer: Arc<dyn bus::Observer> = Arc::new(vec![Arc::new(wake.clone()), observer]);
    let mut service =
        ServiceBuilder::open("notify", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let store = Store::new(service.pool.clone(), service.outbox());
    let sender = Sender {
        store: store.clone(),
        letters,
        from: settings.mail_from.clone(),
        server,
        connections: settings.mail_connections,
        lease: Duration::from_secs(settings.mail_lease_seconds),
        longest_send: Duration::from_secs(settings.smtp_timeout_seconds),
        wake,
        spans: service.spans(),
    };
    service.run("sender", sender.run(lifecycle.stop()));
    service.consume(Notify);
    let (public, for_operators) = http::routes(store, settings.mail_from.clone());
    Ok(service.api(public, for_operators))
}

impl Settings {
    /// Checks the settings of its own.
    fn server(&self) -> anyhow::Result<Server> {
        let Self { mail_connections, smtp_timeout_seconds, mail_lease_seconds, .. } = self;
        ensure!(*mail_connections > 0, "notify needs at least one connection (CARTWHEEL_MAIL_CONNECTIONS)");
        ensure!(
            *smtp_timeout_seconds > 0,
            "the SMTP timeout must be at least a second (CARTWHEEL_SMTP_TIMEOUT_SECONDS)"
        );
        ensure!(
            mail_lease_seconds > smtp_timeout_seconds,
            "the lease of mails, {mail_lease_seconds} s, must be longer than the SMTP timeout, \
             {smtp_timeout_seconds} s (CARTWHEEL_MAIL_LEASE_SECONDS, CARTWHEEL_SMTP_TIMEOUT_SECONDS)"
        );
        Server::at(self.smtp_url.expose_secret(), Duration::from_secs(*smtp_timeout_seconds))
            .context("the mail server's URL can't be read (CARTWHEEL_SMTP_URL)")
    }
}
