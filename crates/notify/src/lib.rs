//! Email to shoppers: a mail per addition to a cart whose shopper is known.
//!
//! An addition's mail is queued in the transaction that takes the event, as a [call](service::calls) to the mail server: it
//! is sent over SMTP afterwards, and then recorded together with an event that reports it. After a crash between sending
//! and recording (of this process, of the mail server, or of the connection before the server's answer) the mail is sent
//! again, with the same Message-ID. This is the only place where a thing may happen more than once.

mod address;
mod housekeeping;
mod http;
mod mail;
mod mail_server;
mod on_events;
mod restoring;
mod smtp;
mod store;
mod suppression_metrics;
mod unsubscribing;

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use endpoint::SmtpUrl;
use lettre::message::Mailbox;
use service::calls::{Pace, WakeUp};
use service::{Api, Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;
use tracing::warn;
use url::Url;

use http::RouteState;
use mail::Templates;
use mail_server::MailServer;
use smtp::Server;
use store::Store;
use unsubscribing::Unsubscribing;

pub use address::masked;
pub use on_events::Notify;
pub use restoring::{NotifyAgain, Published};

/// The tables of this service's database.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Settings of notify.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// Settings that every service has.
    #[command(flatten)]
    pub service: service::Settings,

    /// The mail server: `smtp://host:port`, `smtps://user:password@host`, `smtp://user:password@host?tls=required`
    #[arg(long, env = "CARTWHEEL_SMTP_URL", hide_env_values = true)]
    pub smtp_url: SmtpUrl,

    /// The sender of emails. Message-IDs use its domain, so don't change it while emails are queued
    #[arg(long, env = "CARTWHEEL_MAIL_FROM", default_value = "Cartwheel <shop@cartwheel.example>")]
    pub mail_from: Mailbox,

    /// Maximum emails to an address per hour, which begins with the first of them; further ones are not sent. 0: no limit
    #[arg(long, env = "CARTWHEEL_MAILS_PER_ADDRESS_AND_HOUR", default_value_t = 20)]
    pub mails_per_address_and_hour: u16,

    /// Days after which a failed email can no longer be sent again, and its address is masked
    #[arg(long, env = "CARTWHEEL_FAILED_MAILS_KEPT_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub failed_mails_kept_days: u16,

    /// The address at which recipients of emails reach this service, to unsubscribe: `https://shop.example`; emails have no
    /// such link if it is not set
    #[arg(long, env = "CARTWHEEL_PUBLIC_URL")]
    pub public_url: Option<Url>,

    /// Maximum connections to the mail server, and so emails that are sent at the same time
    #[arg(long, env = "CARTWHEEL_MAIL_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub mail_connections: u16,

    /// Seconds that sending an email may take, including the connection
    #[arg(long, env = "CARTWHEEL_SMTP_TIMEOUT_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub smtp_timeout_seconds: u64,

    /// Seconds for which a process claims an email to send it. After a crash the email is sent again when the claim
    /// ends. Must be longer than the SMTP timeout
    #[arg(long, env = "CARTWHEEL_MAIL_LEASE_SECONDS", default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub mail_lease_seconds: u64,
}

/// Starts the service: consumes the carts' events, and sends mails.
///
/// # Errors
/// When a setting makes no sense, or the database can't be reached or migrated.
pub async fn start(
    settings: &Settings,
    observer: Arc<dyn bus::Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Api> {
    let server = settings.server()?;
    let templates = Arc::new(Templates::new().context("notify: the mails' templates")?);
    let unsubscribing = Unsubscribing::new(settings.public_url.clone(), settings.service.token_secret()?)?;
    if settings.public_url.is_none() {
        warn!("emails have no link to unsubscribe: set CARTWHEEL_PUBLIC_URL");
    }
    suppression_metrics::start();
    let placed = WakeUp::default();
    let observer: Arc<dyn bus::Observer> = Arc::new(vec![Arc::new(placed.clone()), observer]);
    let mut service =
        ServiceBuilder::open("notify", &settings.service, &MIGRATIONS, observer, lifecycle).await?;
    let store = Store::new(service.pool.clone(), service.outbox());
    let mail_server = MailServer {
        store: store.clone(),
        templates: templates.clone(),
        from: settings.mail_from.clone(),
        server,
        unsubscribing: unsubscribing.clone(),
        spans: service.spans(),
    };
    service.call(mail_server, settings.pace(), placed.clone()).await?;
    service.run(
        "housekeeping",
        housekeeping::run(store.clone(), settings.failed_mails_kept_days, lifecycle.stop()),
    );
    service.consume(Notify { per_address_and_hour: NonZeroU16::new(settings.mails_per_address_and_hour) });
    let from = settings.mail_from.clone();
    let (public, for_operators) = http::routes(RouteState { store, from, placed, unsubscribing, templates });
    Ok(service.api(public, for_operators))
}

impl Settings {
    fn pace(&self) -> Pace {
        Pace {
            workers: usize::from(self.mail_connections),
            timeout: Duration::from_secs(self.smtp_timeout_seconds),
            lease: Duration::from_secs(self.mail_lease_seconds),
        }
    }

    /// Checks the settings of its own.
    fn server(&self) -> anyhow::Result<Server> {
        let Self { smtp_timeout_seconds, mail_lease_seconds, .. } = self;
        ensure!(
            mail_lease_seconds > smtp_timeout_seconds,
            "the lease of emails, {mail_lease_seconds} s, must be longer than the SMTP timeout, \
             {smtp_timeout_seconds} s (CARTWHEEL_MAIL_LEASE_SECONDS, CARTWHEEL_SMTP_TIMEOUT_SECONDS)"
        );
        Server::at(&self.smtp_url, Duration::from_secs(*smtp_timeout_seconds))
            .context("the mail server can't be used (CARTWHEEL_SMTP_URL)")
    }
}
