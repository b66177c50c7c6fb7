//! `up`: servers, mailbox and all services, behind one address.

pub mod accounts;
pub mod secrets;
pub mod shop;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, absolute};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bus::Observer;
use endpoint::SmtpUrl;
use events::PARTICIPANTS;
use mailbox::{Mailbox, Options};
use servers::Servers;
use service::Lifecycle;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use accounts::{Accounts, Administration, Namespace};
use secrets::Secrets;
use shop::Shop;

use crate::cli::up::{ServersToUse, Up};

const USUAL_PORT: u16 = 8080;
const READY_TIMEOUT: Duration = Duration::from_mins(1);
/// Requests are answered, and events are delivered.
const HEALTH: [&str; 2] = ["ready", "delivery"];

/// A shop that is up.
pub struct Running {
    /// What it was started with.
    pub shop: Shop,
    /// The address of everything: `http://127.0.0.1:8080`.
    pub url: String,
    /// Where the mails go, unless a mail server was given.
    pub mailbox: Option<Mailbox>,
    servers: Servers,
    lifecycle: Lifecycle,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Runs everything until a signal stops it.
pub async fn up(settings: &Up) -> anyhow::Result<()> {
    let lifecycle = Lifecycle::with_grace(settings.server.grace());
    lifecycle.stop_on_signals()?;
    let stop = lifecycle.stop();
    let starting = Box::pin(Running::start(settings, &lifecycle, |_| Arc::new(())));
    let Some(running) = stop.run_until_cancelled(starting).await.transpose()? else { return Ok(()) };
    running.introduce();
    stop.cancelled().await;
    running.stop().await
}

impl Running {
    /// Starts everything and returns once every service is ready. `observer` gives each service its own.
    pub async fn start(
        settings: &Up,
        lifecycle: &Lifecycle,
        observer: impl Fn(&'static str) -> Arc<dyn Observer>,
    ) -> anyhow::Result<Self> {
        let servers = start_servers(&settings.servers).await?;
        let home = absolute(&settings.servers.home)?;
        let secrets = Secrets::load_or_create(&home.join("secrets.json"))?;
        let namespace = Namespace::new(settings.servers.namespace.clone());
        let accounts = Accounts::provide(administration(&servers), namespace, &secrets).await?;
        let mailbox = match settings.smtp_url {
            Some(_) => None,
            None => {
                Some(start_mailbox(&home, accounts.namespace(), settings.servers.fresh, lifecycle).await?)
            }
        };
        let given = settings.smtp_url.as_ref().map(SmtpUrl::expose);
        let smtp_url = given.or_else(|| mailbox.as_ref().map(Mailbox::smtp_url)).unwrap_or_default();
        // Bound before the services start, since mails say where the shop is.
        let listener = listen(settings.listen).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shop = Shop {
            accounts,
            secrets,
            smtp_url,
            public_url: Some(settings.public_url.as_ref().map_or_else(|| url.clone(), ToString::to_string)),
            mails_per_address_and_hour: settings.mails_per_address_and_hour,
        };
        let services = PARTICIPANTS.map(|participant| participant.service).into_iter();
        let services: Vec<_> =
            services.filter(|service| !settings.without.iter().any(|out| out == service)).collect();
        let mut apis = Vec::new();
        for service in &services {
            apis.push(shop.start(service, observer(service), lifecycle).await?);
        }
        let pages = web::start(&shop.web(&url)?, lifecycle)?;
        let mut router = service::gateway(apis).merge(pages).route("/", web::front_page("/docs/"));
        if let Some(mailbox) = &mailbox {
            router = router.nest("/mailbox", mailbox.router());
        }
        let serving = tokio::spawn(service::serve(listener, router, settings.server(), lifecycle.clone()));
        let running = Self { shop, url, mailbox, servers, lifecycle: lifecycle.clone(), serving };
        running.ready(&services).await?;
        Ok(running)
    }

    async fn ready(&self, services: &[&str]) -> anyhow::Result<()> {
        for (service, what) in services.iter().flat_map(|service| HEALTH.map(|what| (service, what))) {
            let url = format!("{}/{service}/health/{what}", self.url);
            let ready = servers::ready::until_success(&url, READY_TIMEOUT).await;
            ready.with_context(|| format!("{service} did not become ready; see its log lines"))?;
        }
        Ok(())
    }

    /// Prints where people find the shop.
    #[allow(clippy::print_stdout)]
    pub fn print_pages(&self) {
        let url = &self.url;
        println!("storefront              {url}/shop");
        println!("console                 {url}/console");
    }

    /// Prints the addresses of everything.
    #[allow(clippy::print_stdout)]
    pub fn introduce(&self) {
        let url = &self.url;
        self.print_pages();
        println!("REST API, with docs     {url}/docs/");
        println!("admin key               {}", self.shop.secrets.admin_key);
        if let Ok(page) = self.shop.accounts.management_page() {
            let (user, password) = (self.servers.rabbitmq.user(), self.servers.rabbitmq.password());
            println!("RabbitMQ management UI  {page}  (user {user}, password {password})");
        }
        if let Ok(broker) = self.shop.accounts.broker_as_administrator() {
            println!("event log               ./cartwheel events tail --rabbitmq-url {broker}");
        }
        if self.mailbox.is_some() {
            println!("mailbox                 {url}/mailbox");
        }
        println!("Ctrl-C stops everything.");
    }

    /// Stops everything, the shop before its servers, so that what was begun is finished.
    pub async fn stop(self) -> anyhow::Result<()> {
        let stopped = self.lifecycle.finish().await;
        self.serving.await??;
        if let Some(mailbox) = &self.mailbox {
            mailbox.stopped().await;
        }
        self.servers.stop().await?;
        stopped
    }
}

#[allow(clippy::print_stdout)]
async fn start_servers(settings: &ServersToUse) -> anyhow::Result<Servers> {
    let home = absolute(&settings.home)?;
    let options = servers::Options { home, fresh: settings.fresh, backend: settings.backend };
    let servers = Servers::start(&options, &settings.given()).await?;
    for line in servers.explanation() {
        println!("{line}");
    }
    Ok(servers)
}

/// The servers, as an administrator who can create users and databases.
#[must_use]
pub fn administration(servers: &Servers) -> Administration {
    Administration {
        rabbitmq: servers.rabbitmq.amqp_url().to_owned(),
        management: servers.rabbitmq.management_url().to_owned(),
        postgres: servers.postgres.url().to_owned(),
    }
}

async fn start_mailbox(
    home: &Path,
    namespace: &Namespace,
    fresh: bool,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Mailbox> {
    std::fs::create_dir_all(home)?;
    let store = home.join(format!("mailbox-{}.mbox", namespace.vhost()));
    if fresh && store.exists() {
        std::fs::remove_file(&store)?;
    }
    let smtp = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Mailbox::start(Options { smtp, store: Some(store), clock: lifecycle.clock() }, lifecycle.stop()).await
}

/// At the address that was asked for; else at the usual one, or at any where that is taken.
async fn listen(address: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    if let Some(address) = address {
        return TcpListener::bind(address).await.with_context(|| format!("listening at {address}"));
    }
    match TcpListener::bind((Ipv4Addr::LOCALHOST, USUAL_PORT)).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?),
    }
}
