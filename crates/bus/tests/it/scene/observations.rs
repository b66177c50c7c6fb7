//! What a test sees of the scene, and waits for.

use std::collections::BTreeSet;
use std::time::Duration;

use cartwheel_bus::parking::{self, Filter, Parked};
use cartwheel_bus::{Broker, EventLog, Start};
use lapin::Channel;
use lapin::options::QueueDeleteOptions;
use sqlx::PgPool;
use testkit::eventually;

use super::broker::{administrator, messages};
use super::orders::OrderPlaced;
use super::setup::Scene;
use super::waiting::TIMEOUT;

impl Scene {
    /// Waits until the broker has everything.
    pub async fn until_published(&self) {
        self.until_number(&self.orders_db, "SELECT count(*) FROM bus.outbox", 0).await;
    }

    /// The invoices of a customer, in the order in which they were written.
    pub async fn invoices(&self, customer: &str) -> Vec<i64> {
        let invoices = sqlx::query_scalar("SELECT amount FROM invoices WHERE customer = $1 ORDER BY place");
        invoices.bind(customer).fetch_all(&self.billing_db).await.unwrap()
    }

    pub async fn until(&self, customer: &str, invoices: &[i64]) {
        let what = format!("the invoices {invoices:?} of {customer}");
        eventually(&what, TIMEOUT, async || (self.invoices(customer).await == invoices).then_some(())).await;
    }

    pub async fn until_invoiced(&self, number: i64) {
        self.until_number(&self.billing_db, "SELECT count(*) FROM invoices", number).await;
    }

    pub async fn until_number(&self, pool: &PgPool, query: &'static str, expected: i64) {
        let mut last = None;
        let reached = async {
            while last != Some(expected) {
                last = Some(sqlx::query_scalar::<_, i64>(query).fetch_one(pool).await.unwrap());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let in_time = tokio::time::timeout(TIMEOUT, reached).await;
        assert!(in_time.is_ok(), "{query} gave {last:?}, not {expected}");
    }

    /// Customers with an order that was invoiced more than once.
    pub async fn doubled(&self) -> BTreeSet<String> {
        let doubled = "SELECT customer FROM invoices GROUP BY customer, amount HAVING count(*) > 1";
        sqlx::query_scalar(doubled).fetch_all(&self.billing_db).await.unwrap().into_iter().collect()
    }

    /// The amounts of all orders in the event log; some may be there twice.
    pub async fn logged(&self) -> Vec<i64> {
        let log = EventLog::new(Broker::new(self.space.amqp_admin_url(), "reader"));
        // A broker that has just started can't be asked yet.
        let end = eventually("an end of the event log", TIMEOUT, async || log.end().await.ok()).await;
        let Some(end) = end else { return Vec::new() };
        let mut reading = log.read(Start::First).await.unwrap();
        let mut amounts = Vec::new();
        loop {
            let next = tokio::time::timeout(TIMEOUT, reading.next()).await;
            let logged = next.unwrap().unwrap().unwrap();
            amounts.extend(logged.event().unwrap().read::<OrderPlaced>().unwrap().map(|order| order.amount));
            if logged.offset >= end {
                return amounts;
            }
        }
    }

    /// How many events wait in the outbox of "orders".
    pub async fn waiting(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM bus.outbox").fetch_one(&self.orders_db).await.unwrap()
    }

    /// Waits until this many events are parked.
    pub async fn parked(&self, number: usize) -> Vec<Parked> {
        self.until_parked(&format!("{number} parked events"), |parked| parked.len() == number).await
    }

    pub async fn until_parked(&self, what: &str, is_so: impl Fn(&[Parked]) -> bool) -> Vec<Parked> {
        eventually(what, TIMEOUT, async || Some(self.parked_now().await).filter(|parked| is_so(parked))).await
    }

    pub async fn parked_now(&self) -> Vec<Parked> {
        parking::list(&self.billing_db, &Filter { limit: 1000, ..Filter::default() }).await.unwrap()
    }

    /// A channel of the broker's administrator.
    pub async fn channel(&self) -> Channel {
        administrator(&self.space).await
    }

    /// How many messages are ready in a queue.
    pub async fn messages(&self, queue: &str) -> u32 {
        messages(&self.channel().await, queue).await
    }

    pub async fn delete_queue(&self, queue: &str) {
        let (channel, options) = (self.channel().await, QueueDeleteOptions::default());
        channel.queue_delete(queue.into(), options).await.unwrap();
    }
}
