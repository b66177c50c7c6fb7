//! `up`: servers, mailbox and all services, behind one address.

pub mod accounts;
mod port;
pub mod secrets;
pub mod shop;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bus::Observer;
use endpoint::SmtpUrl;
use futures::future::try_join_all;
use mailbox::{Mailbox, Options};
use servers::Servers;
use servers::progress::{say, step};
use service::{Api, Lifecycle};
use tokio::task::JoinHandle;

use accounts::{Accounts, Administration, Namespace};
use secrets::Secrets;
use shop::Shop;

use crate::cli::up::{ServersToUse, Up};
use crate::connections;

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
    home: PathBuf,
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
    let Some(running) = stop.run_until_cancelled(starting).await.transpose()? else {
        say("stopped before everything was up");
        return Ok(());
    };
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
        let home = absolute(&settings.servers.home)?;
        say(format_args!("starting a shop with its data in {}", home.display()));
        // Before the services start, since mails say where the shop is.
        let address = port::reserve(settings.listen)?;
        let url = format!("http://{}", address.address()?);
        let servers = start_servers(&settings.servers, home.clone()).await?;
        let secrets = Secrets::load_or_create(&home.join("secrets.json"))?;
        let namespace = Namespace::new(settings.servers.namespace.clone());
        let providing = Box::pin(Accounts::provide(administration(&servers), namespace, &secrets));
        let accounts = step("creating each service's database, broker user and queue", providing).await?;
        let mailbox = match settings.smtp_url {
            Some(_) => None,
            None => {
                Some(start_mailbox(&home, accounts.namespace(), settings.servers.fresh, lifecycle).await?)
            }
        };
        let given = settings.smtp_url.as_ref().map(SmtpUrl::expose);
        let smtp_url = given.or_else(|| mailbox.as_ref().map(Mailbox::smtp_url)).unwrap_or_default();
        let shop = Shop {
            accounts,
            secrets,
            smtp_url,
            public_url: Some(settings.public_url.as_ref().map_or_else(|| url.clone(), ToString::to_string)),
            mails_per_address_and_hour: settings.mails_per_address_and_hour,
        };
        let services = settings.services();
        let starting = start_services(&shop, &services, observer, lifecycle);
        let mut apis = step(&format!("starting {}", services.join(", ")), starting).await?;
        let pages = web::start(&shop.web(&url)?, lifecycle)?;
        apis.push(pages.live);
        let mut router = service::gateway(apis).merge(pages.routes).route("/", web::front_page("/docs/"));
        if let Some(mailbox) = &mailbox {
            router = router.nest("/mailbox", mailbox.router());
        }
        let serving =
            tokio::spawn(service::serve(address.listen()?, router, settings.server(), lifecycle.clone()));
        let running = Self { shop, url, mailbox, home, servers, lifecycle: lifecycle.clone(), serving };
        step("waiting until each of them is ready", running.ready(&services)).await?;
        running.shop.connections(&running.url)?.write(&running.home)?;
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
        if self.mailbox.is_some() {
            println!("mailbox                 {url}/mailbox");
        }
        println!(
            "\nIn another terminal:     ./cartwheel doctor, events tail, parked list, …; eval \"$(./cartwheel env)\" for curl"
        );
        println!("Ctrl-C stops everything.");
    }

    /// Stops everything, the shop before its servers, so that what was begun is finished.
    pub async fn stop(self) -> anyhow::Result<()> {
        let Self { mailbox, home, servers, lifecycle, serving, .. } = self;
        connections::remove(&home)?;
        let stopping = async {
            let stopped = lifecycle.finish().await;
            serving.await??;
            if let Some(mailbox) = &mailbox {
                mailbox.stopped().await;
            }
            anyhow::Ok(stopped)
        };
        let stopped = step("stopping the services, which finish what they have begun", stopping).await?;
        servers.stop().await?;
        stopped
    }
}

async fn start_servers(settings: &ServersToUse, home: PathBuf) -> anyhow::Result<Servers> {
    let options = servers::Options { home, fresh: settings.fresh, backend: settings.backend };
    Servers::start(&options, &settings.given()).await
}

async fn start_services(
    shop: &Shop,
    services: &[&'static str],
    observer: impl Fn(&'static str) -> Arc<dyn Observer>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Vec<Api>> {
    try_join_all(services.iter().map(|service| shop.start(service, observer(service), lifecycle))).await
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
