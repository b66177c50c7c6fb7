//! A shop of a test's own: a fresh virtual host and fresh databases on the test run's servers.

mod authority;
mod broker;
mod command;
mod description;
mod everything;
mod front_door;
mod otlp;
mod process;
mod program;
mod storefront;
mod torture;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bus::Observer;
use cartwheel::up::accounts::{Accounts, Administration, Namespace};
use cartwheel::up::secrets::Secrets;
use cartwheel::up::shop::Shop;
use events::PARTICIPANTS;
use mailbox::{Mailbox, Options};
use service::{Lifecycle, ServerSettings};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub use authority::Authority;
pub use description::{Description, Route, place};
pub use everything::Everything;
pub use front_door::{FrontDoor, Instances};
pub use otlp::{Receiver, Seen};
pub use program::{Program, packaged};
pub use storefront::{Cart, Storefront};
pub use torture::torture;

/// Long enough for a busy machine; a test that waits this long has failed.
pub const TIMEOUT: Duration = Duration::from_mins(1);

/// The test run's servers.
pub async fn administration() -> Administration {
    let shared = testkit::servers().await;
    Administration {
        rabbitmq: shared.amqp_url.clone(),
        management: shared.management_url.clone(),
        postgres: shared.postgres_url.clone(),
    }
}

/// Names that no other test uses on the same servers.
pub fn own_namespace() -> Namespace {
    Namespace::new(Some(format!("t{}", &Uuid::new_v4().simple().to_string()[..12])))
}

/// A shop and those of its services that run, each at an address of its own.
pub struct TestShop {
    pub shop: Shop,
    pub administration: Administration,
    pub mailbox: Mailbox,
    mailbox_life: Lifecycle,
    running: BTreeMap<&'static str, Running>,
}

/// A running service.
pub struct Running {
    pub url: String,
    lifecycle: Lifecycle,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Starts an instance of a service.
    pub async fn start(shop: &Shop, service: &str, observer: Arc<dyn Observer>) -> Self {
        Self::start_at(shop, service, observer, testkit::server_settings(&[])).await
    }

    /// Starts an instance of a service whose HTTP server has these flags.
    pub async fn start_with(shop: &Shop, service: &str, flags: &[&str]) -> Self {
        Self::start_at(shop, service, Arc::new(()), testkit::server_settings(flags)).await
    }

    async fn start_at(
        shop: &Shop,
        service: &str,
        observer: Arc<dyn Observer>,
        server: ServerSettings,
    ) -> Self {
        let lifecycle = Lifecycle::with_grace(server.grace());
        let api = shop.start(service, observer, &lifecycle).await.unwrap();
        let running = Self::serve(api.alone(), server, lifecycle).await;
        running.until_ready(service).await;
        running
    }

    /// Starts the pages of a shop whose carts are at this address.
    async fn start_pages(shop: &Shop, carts: &str) -> Self {
        let server = testkit::server_settings(&[]);
        let lifecycle = Lifecycle::with_grace(server.grace());
        let pages = web::start(&shop.web(carts).unwrap(), &lifecycle).unwrap();
        let running = Self::serve(pages.alone(), server, lifecycle).await;
        running.until_ready("the pages").await;
        running
    }

    async fn serve(routes: Router, server: ServerSettings, lifecycle: Lifecycle) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(service::serve(listener, routes, server, lifecycle.clone()));
        Self { url, lifecycle, serving }
    }

    async fn until_ready(&self, service: &str) {
        for what in ["ready", "delivery"] {
            let ready = servers::ready::until_success(&format!("{}/health/{what}", self.url), TIMEOUT).await;
            ready.unwrap_or_else(|error| panic!("{service}: {error:#}"));
        }
    }

    /// Tells it to stop.
    pub fn begin_stop(&self) {
        self.lifecycle.stop().cancel();
    }

    /// Stops it gracefully and waits until it has stopped.
    pub async fn stop(self) {
        self.lifecycle.finish().await.unwrap();
        self.serving.await.unwrap().unwrap();
    }
}

impl TestShop {
    /// A shop with all services running.
    pub async fn with_all() -> Self {
        Self::with(&PARTICIPANTS.map(|participant| participant.service)).await
    }

    /// A shop with some of its services running.
    pub async fn with(services: &[&'static str]) -> Self {
        Self::on(administration().await, services).await
    }

    /// A shop on these servers.
    pub async fn on(administration: Administration, services: &[&'static str]) -> Self {
        let namespace = own_namespace();
        let secrets = Secrets::random();
        let accounts = Accounts::provide(administration.clone(), namespace, &secrets).await.unwrap();
        let mailbox_life = Lifecycle::default();
        let options =
            Options { smtp: ([127, 0, 0, 1], 0).into(), store: None, clock: envelope::Clock::system() };
        let mailbox = Mailbox::start(options, mailbox_life.stop()).await.unwrap();
        let smtp_url = mailbox.smtp_url();
        let (public_url, mails_per_address_and_hour) = (None, Some(0));
        let shop = Shop { accounts, secrets, smtp_url, public_url, mails_per_address_and_hour };
        let mut this = Self { shop, administration, mailbox, mailbox_life, running: BTreeMap::new() };
        for service in services {
            this.start(service).await;
        }
        this
    }

    /// Starts one more service.
    pub async fn start(&mut self, service: &'static str) {
        let running = Running::start(&self.shop, service, Arc::new(())).await;
        self.running.insert(service, running);
    }

    /// Starts the pages, of which `/live` needs the cart service.
    pub async fn start_pages(&mut self) {
        let pages = Running::start_pages(&self.shop, self.url("cart")).await;
        self.running.insert("web", pages);
    }

    /// Stops a service gracefully.
    pub async fn stop(&mut self, service: &str) {
        self.running.remove(service).unwrap().stop().await;
    }

    /// Where a service is.
    pub fn url(&self, service: &str) -> &str {
        &self.running[service].url
    }

    /// A service's database, as the administrator: a test looks where no service may.
    pub async fn database(&self, service: &str) -> PgPool {
        PgPool::connect(&self.shop.accounts.database_as_administrator(service).unwrap()).await.unwrap()
    }

    /// A number from a service's database.
    pub async fn count(&self, service: &str, query: &'static str) -> i64 {
        let pool = self.database(service).await;
        sqlx::query_scalar::<_, Option<i64>>(query).fetch_one(&pool).await.unwrap().unwrap_or(0)
    }

    /// Waits until a query on a service's database gives this number.
    pub async fn until(&self, service: &str, query: &'static str, expected: i64) {
        let pool = self.database(service).await;
        testkit::until_number(&pool, query, expected, TIMEOUT).await;
    }

    /// Stops everything that still runs and removes what the test left on the servers.
    pub async fn end(mut self) {
        for (_, running) in std::mem::take(&mut self.running) {
            running.stop().await;
        }
        self.mailbox_life.finish().await.unwrap();
        let namespace = self.shop.accounts.namespace().clone();
        let users: Vec<String> =
            PARTICIPANTS.iter().map(|participant| namespace.of(participant.service)).collect();
        servers::provision::remove_vhost(&self.administration.management, namespace.vhost(), &users)
            .await
            .unwrap();
        for user in users {
            servers::provision::remove_database(&self.administration.postgres, &user, &user).await.unwrap();
        }
    }
}
