//! A queue without its quorum holds up no other queue.

use std::collections::BTreeMap;
use std::time::Duration;

use cartwheel_bus::{Bus, Health, Settings};
use servers::Servers;
use sqlx::PgPool;
use testkit::{Shared, eventually, turn_clock};
use tokio::task::JoinHandle;

use super::pipeline::with_private_servers;
use crate::fixture::{Billing, Fixture, LogLines, TIMEOUT, down, pool, service, up};

/// Within this time it is said that something is wrong.
const SAID: Duration = Duration::from_secs(10);
const CUSTOMERS: [&str; 5] = ["dan", "ann", "zoe", "erin", "carol"];
const INVOICES: &str = "SELECT count(*) FROM invoices";
const SHIPPING: &str = "shipping";

/// "orders" with a second listener, whose queue loses its quorum.
struct Shop {
    fixture: Fixture,
    relay: Health,
    shipping_db: PgPool,
    shipping: JoinHandle<()>,
    placed: i64,
}

impl Shop {
    /// At work; one event has come everywhere.
    async fn new(servers: &Servers) -> Self {
        Self::with(servers, |settings| settings).await
    }

    /// `set` changes the publisher's settings.
    async fn with(servers: &Servers, set: impl FnOnce(Settings) -> Settings) -> Self {
        let mut fixture = Fixture::idle(&Shared::from(servers)).await;
        fixture.topology.services.push(service(SHIPPING, &[], &["orders.orders"]));
        fixture.apply().await;
        let shipping_db = pool(&fixture.space.database(SHIPPING).await).await;
        let table = "CREATE TABLE invoices (place serial, customer text, amount bigint)";
        sqlx::query(table).execute(&shipping_db).await.unwrap();
        let settings = fixture.settings(SHIPPING).await;
        let shipping = Bus::open(settings, shipping_db.clone()).await.unwrap().consumer(Billing::default());
        let shipping = tokio::spawn(shipping.run(fixture.stop.clone()));
        let billing = fixture.bus("billing").await;
        fixture.consumer(&billing);
        let relay = Self::relay(&mut fixture, set).await;
        let mut shop = Self { fixture, relay, shipping_db, shipping, placed: 0 };
        shop.place(1).await;
        shop.until_billed().await;
        shop.until_shipped().await;
        shop
    }

    async fn relay(fixture: &mut Fixture, set: impl FnOnce(Settings) -> Settings) -> Health {
        let settings = set(fixture.settings("orders").await);
        let orders = Bus::open(settings, fixture.orders_db.clone()).await.unwrap();
        fixture.outbox = orders.outbox();
        let relay = fixture.relay(&orders);
        up(&relay).await;
        relay
    }

    /// Each order's amount is its number.
    async fn place(&mut self, number: i64) {
        let orders: Vec<_> = (self.placed + 1..=self.placed + number)
            .map(|amount| (CUSTOMERS[usize::try_from(amount).unwrap() % CUSTOMERS.len()], amount))
            .collect();
        for orders in orders.chunks(20) {
            self.fixture.place(orders).await;
        }
        self.placed += number;
    }

    async fn until_billed(&self) {
        self.fixture.until_number(&self.fixture.billing_db, INVOICES, self.placed).await;
    }

    async fn until_shipped(&self) {
        self.fixture.until_number(&self.shipping_db, INVOICES, self.placed).await;
    }

    async fn until_said(&self) -> String {
        eventually("it is said that a queue is without its quorum", SAID, async || {
            Some(down(&self.relay).await).filter(|reason| reason.contains("without its quorum"))
        })
        .await
    }

    /// How often the event is in the log that is there most often.
    async fn most_copies(&self) -> usize {
        let mut copies: BTreeMap<i64, usize> = BTreeMap::new();
        for amount in self.fixture.logged().await {
            *copies.entry(amount).or_default() += 1;
        }
        assert_eq!(i64::try_from(copies.len()).unwrap(), self.placed, "the log has all");
        copies.into_values().max().unwrap_or_default()
    }

    /// Everything came everywhere once and in its order, and nothing is left.
    async fn all_is_well(self) {
        self.until_billed().await;
        self.until_shipped().await;
        self.fixture.until_published().await;
        up(&self.relay).await;
        for customer in CUSTOMERS {
            let invoices = "SELECT amount FROM invoices WHERE customer = $1 ORDER BY place";
            let shipped: Vec<i64> =
                sqlx::query_scalar(invoices).bind(customer).fetch_all(&self.shipping_db).await.unwrap();
            assert!(shipped.is_sorted(), "in order: {shipped:?}");
            assert_eq!(self.fixture.invoices(customer).await, shipped, "the same at both");
        }
        self.fixture.stop.cancel();
        self.shipping.await.unwrap();
        self.fixture.end().await;
    }
}

#[test]
fn a_queue_without_its_quorum_holds_up_no_other_and_nothing_is_published_twice() {
    with_private_servers(async |servers| {
        let (log_lines, _guard) = LogLines::listen();
        let mut shop = Shop::new(servers).await;
        let vhost = shop.fixture.space.name.clone();
        log_lines.take();
        servers.rabbitmq.suspend_queue(&vhost, SHIPPING).await.unwrap();
        shop.place(1).await;
        let reason = shop.until_said().await;
        assert!(reason.contains("published to orders.orders have waited"), "{reason}");
        shop.place(3000).await;
        shop.until_billed().await;
        let backlog = shop.fixture.backlog_of_orders().await;
        assert_eq!((backlog.outbox, backlog.unconfirmed), (3001, 3001));
        assert!(!shop.relay.is_up());
        // Long after they were published, as the database's clock has it.
        turn_clock(&shop.fixture.orders_db, Duration::from_hours(1)).await;
        shop.place(1).await;
        shop.until_billed().await;
        assert_eq!(log_lines.take().len(), 1, "it is said once");

        servers.rabbitmq.resume_queue(&vhost, SHIPPING).await.unwrap();
        shop.until_shipped().await;
        shop.fixture.until_published().await;
        assert_eq!(shop.most_copies().await, 1);
        shop.all_is_well().await;
    });
}

#[test]
fn a_relay_that_starts_while_a_queue_refuses_publishes_to_the_others_and_repeats_itself_seldom() {
    with_private_servers(async |servers| {
        let mut shop = Shop::new(servers).await;
        let vhost = shop.fixture.space.name.clone();
        servers.rabbitmq.stop_queue(&vhost, SHIPPING).await.unwrap();
        servers.rabbitmq.close_connections(&vhost).await.unwrap();
        shop.place(300).await;
        shop.until_said().await;
        shop.until_billed().await;
        assert!(shop.most_copies().await <= 2);
        turn_clock(&shop.fixture.orders_db, Duration::from_secs(40)).await;
        shop.place(300).await;
        shop.until_billed().await;
        assert!(shop.most_copies().await <= 3, "after 30 seconds they were published once more");

        servers.rabbitmq.restart_queue(&vhost, SHIPPING).await.unwrap();
        // The next event shows that the queue takes events again: nobody waits for the longest of delays.
        shop.place(1).await;
        shop.all_is_well().await;
    });
}

#[test]
fn a_relay_that_starts_while_a_queue_is_without_its_quorum_loses_nothing() {
    with_private_servers(async |servers| {
        let mut shop = Shop::new(servers).await;
        let vhost = shop.fixture.space.name.clone();
        servers.rabbitmq.suspend_queue(&vhost, SHIPPING).await.unwrap();
        shop.place(300).await;
        shop.until_billed().await;
        servers.rabbitmq.close_connections(&vhost).await.unwrap();
        shop.place(10).await;
        eventually("it is said", TIMEOUT, async || {
            down(&shop.relay).await.contains("did not confirm in time").then_some(())
        })
        .await;

        servers.rabbitmq.resume_queue(&vhost, SHIPPING).await.unwrap();
        shop.all_is_well().await;
    });
}

#[test]
fn a_relay_with_too_much_unconfirmed_publishes_no_more_until_it_is_confirmed() {
    with_private_servers(async |servers| {
        let mut shop = Shop::with(servers, |settings| settings.max_unconfirmed(40)).await;
        let vhost = shop.fixture.space.name.clone();
        servers.rabbitmq.suspend_queue(&vhost, SHIPPING).await.unwrap();
        shop.place(40).await;
        eventually("it is said that no more are published", TIMEOUT, async || {
            down(&shop.relay).await.contains("and no more are published until one comes").then_some(())
        })
        .await;
        shop.until_billed().await;
        shop.place(40).await;
        // Longer than a relay takes to find them, and than the database keeps the session of one that is silent.
        tokio::time::sleep(Duration::from_secs(12)).await;
        let billed: i64 = sqlx::query_scalar(INVOICES).fetch_one(&shop.fixture.billing_db).await.unwrap();
        assert_eq!(billed, 41);
        assert_eq!(shop.fixture.waiting().await, 80);

        servers.rabbitmq.resume_queue(&vhost, SHIPPING).await.unwrap();
        shop.all_is_well().await;
    });
}
