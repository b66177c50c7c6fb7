//! A notify with a database and a mailbox of its own.

use std::sync::Arc;
use std::time::Duration;

use envelope::{Cause, Envelope, EventType};
use events::Money;
use events::cart::{ItemAdded, ShopperAttached};
use iso_currency::Currency;
use mailbox::{Mailbox, Options, Query};
use notify::Notify;
use service::Lifecycle;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::num::NonZeroU16;
use testkit::{NO_BROKER, RestApi, TestSpace, eventually};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub const TIMEOUT: Duration = Duration::from_secs(20);

/// A database and a mailbox; instances of notify are [started](Shop::start) on them.
pub struct Shop {
    pub space: TestSpace,
    pub pool: PgPool,
    pub mailbox: Mailbox,
    database: String,
    stop: CancellationToken,
}

/// A process of notify, as far as a test can have one: a runtime that can be killed.
pub struct Instance {
    pub rest_api: RestApi,
    lifecycle: Lifecycle,
    runtime: Option<Runtime>,
}

impl Shop {
    /// Without an instance.
    pub async fn closed() -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        let database = space.database("notify").await;
        let pool = PgPoolOptions::new().max_connections(3).connect(&database).await.unwrap();
        let (mailbox, stop) = mailbox("127.0.0.1:0").await;
        Self { space, pool, mailbox, database, stop }
    }

    /// With an instance.
    pub async fn open() -> (Self, Instance) {
        let shop = Self::closed().await;
        let instance = shop.start(&[]).await;
        (shop, instance)
    }

    /// An instance with these settings besides.
    pub async fn start(&self, settings: &[&str]) -> Instance {
        self.start_at(&self.mailbox.smtp_url(), NO_BROKER, settings).await
    }

    pub async fn start_at(&self, smtp: &str, broker: &str, settings: &[&str]) -> Instance {
        let flags = [&["--smtp-url", smtp], settings].concat();
        let settings: notify::Settings = testkit::settings(&self.database, broker, &flags);
        let lifecycle = Lifecycle::default();
        let runtime = Runtime::new().unwrap();
        let started = runtime.spawn({
            let lifecycle = lifecycle.clone();
            async move {
                let api = notify::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
                RestApi::serve(api, &lifecycle).await
            }
        });
        Instance { rest_api: started.await.unwrap(), lifecycle, runtime: Some(runtime) }
    }

    /// Hands events to the handler in a transaction of their own, as a consumer does.
    pub async fn take(&self, events: &[Envelope]) {
        self.take_capped(events, None).await;
    }

    /// Hands events to a handler that queues no more mails to an address per hour than this.
    pub async fn take_capped(&self, events: &[Envelope], per_address_and_hour: Option<NonZeroU16>) {
        testkit::handle(&Notify { per_address_and_hour }, &self.pool, events).await.unwrap();
    }

    /// Additions to as many carts, each with a shopper of its own: `shopper-<number>@example.test`.
    pub async fn add(&self, carts: usize) -> Vec<Envelope> {
        let mut additions = Vec::new();
        for number in 0..carts {
            let cart = Uuid::now_v7();
            let item = added(cart, &format!("lamp {number}"));
            self.take(&[attached(cart, &format!("shopper-{number}@example.test")), item.clone()]).await;
            additions.push(item);
        }
        additions
    }

    /// How many mails have this status.
    pub async fn count(&self, status: &str) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM mails WHERE status = $1").bind(status);
        query.fetch_one(&self.pool).await.unwrap()
    }

    /// How many mails a sender has claimed.
    pub async fn leased(&self) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM calls.calls WHERE leased_until IS NOT NULL");
        query.fetch_one(&self.pool).await.unwrap()
    }

    pub async fn until(&self, status: &str, number: i64) {
        let what = format!("{number} mails are {status}");
        eventually(&what, TIMEOUT, async || (self.count(status).await == number).then_some(())).await;
    }

    /// A mail's status, attempts and error.
    pub async fn row(&self, event: &Envelope) -> (String, i32, Option<String>) {
        let query = "SELECT status, coalesce(call.attempts, 0), call.error
                     FROM mails LEFT JOIN calls.calls AS call ON key = event_id::text WHERE event_id = $1";
        sqlx::query_as(query).bind(event.id).fetch_one(&self.pool).await.unwrap()
    }

    /// The service's events of this type, with what caused each.
    pub async fn published<E: EventType>(&self) -> Vec<(E, Cause)> {
        let published = testkit::published(&self.pool).await.into_iter();
        published.filter_map(|event| Some((event.read().unwrap()?, event.cause))).collect()
    }

    /// The mail about an event.
    pub async fn mail(&self, event: &Envelope) -> mailbox::Mail {
        let query = Query { message_id: Some(message_id(event)), ..Query::default() };
        let found = self.mailbox.mails(&query);
        assert_eq!(found.len(), 1, "{found:?}");
        self.mailbox.mail(found[0].number).await.unwrap().unwrap()
    }

    /// The mail server is gone; its address is free.
    pub async fn stop_mailbox(&self) {
        self.stop.cancel();
        self.mailbox.stopped().await;
    }

    /// An empty mailbox at the same address.
    pub async fn restart_mailbox(&mut self) {
        let address = self.mailbox.smtp_url();
        (self.mailbox, self.stop) = mailbox(address.trim_start_matches("smtp://")).await;
    }
}

async fn mailbox(address: &str) -> (Mailbox, CancellationToken) {
    let stop = CancellationToken::new();
    let options = Options { smtp: address.parse().unwrap(), store: None, clock: envelope::Clock::system() };
    (Mailbox::start(options, stop.clone()).await.unwrap(), stop)
}

impl Instance {
    /// Nothing more happens in it, and nothing is cleaned up.
    pub fn kill(mut self) {
        self.end();
    }

    /// Stops as an instance does that is asked to.
    pub async fn stop(self) {
        self.lifecycle.finish().await.unwrap();
    }

    fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.end();
    }
}

pub fn message_id(event: &Envelope) -> String {
    format!("{}@cartwheel.example", event.id)
}

pub fn added(cart: Uuid, name: &str) -> Envelope {
    let unit_price = Money { amount: 255, currency: Currency::GBP };
    let (sku, name) = ("85123A".to_owned(), name.to_owned());
    from_cart(&ItemAdded { cart_id: cart, sku, name, unit_price, quantity: 2, line_quantity: 3 })
}

pub fn attached(cart: Uuid, email: &str) -> Envelope {
    from_cart(&ShopperAttached { cart_id: cart, email: email.into(), language: "en".into() })
}

pub fn from_cart<E: EventType>(fact: &E) -> Envelope {
    testkit::event(fact)
}
