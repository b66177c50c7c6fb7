//! The scene: two services, each with a database of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cartwheel_bus::{Broker, Bus, Health, Observer, Outbox, Service, Settings, Topology};
use envelope::{Cause, Clock, EventType};
use sqlx::{PgConnection, PgPool};
use testkit::{Shared, Space};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::broker::topology;
use super::orders::{Billing, OrderPlaced};
use super::waiting::pool;

/// Counts what came twice.
#[derive(Default)]
pub struct Duplicates(AtomicUsize);

impl Duplicates {
    pub fn number(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Observer for Duplicates {
    fn duplicates(&self, number: usize) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }
}

/// The two services, each with a database of its own.
pub struct Scene {
    pub space: Space,
    pub topology: Topology,
    pub orders_db: PgPool,
    pub billing_db: PgPool,
    pub outbox: Outbox,
    pub handler: Billing,
    pub fixed: Arc<AtomicBool>,
    pub duplicates: Arc<Duplicates>,
    pub stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Scene {
    /// With one relay and one consumer at work, on the servers that all tests share.
    pub async fn new(panics: bool) -> Self {
        let mut scene = Self::idle(testkit::servers().await).await;
        scene.handler.panics = panics;
        let (orders, billing) = (scene.bus("orders").await, scene.bus("billing").await);
        scene.relay(&orders);
        scene.consumer(&billing);
        scene
    }

    /// With the relay at work, for a test that starts instances of billing itself. The new queue's first message is a
    /// marker, and gone once an order behind it was taken; that order, of gus, stays in the log.
    pub async fn with_relay() -> Self {
        let mut scene = Self::idle(testkit::servers().await).await;
        let orders = scene.bus("orders").await;
        scene.relay(&orders);
        let instance = scene.start(&scene.handler, |settings| settings).await;
        scene.place(&[("gus", 1)]).await;
        scene.until_invoiced(1).await;
        instance.stop().await;
        sqlx::query("DELETE FROM invoices").execute(&scene.billing_db).await.unwrap();
        scene
    }

    /// Nobody is at work yet.
    pub async fn idle(servers: &Shared) -> Self {
        let space = Space::new(servers).await;
        let topology = topology();
        topology.apply(&Broker::new(space.amqp_admin_url(), "topology"), Clock::system()).await.unwrap();
        let orders_db = pool(&space.database("orders").await).await;
        let billing_db = pool(&space.database("billing").await).await;
        let table = "CREATE TABLE invoices (place serial, customer text, amount bigint)";
        sqlx::query(table).execute(&billing_db).await.unwrap();
        let orders = Bus::open(Settings::new("orders", "amqp://localhost"), orders_db.clone()).await.unwrap();
        let outbox = orders.outbox();
        let handler = Billing::default();
        let fixed = Arc::clone(&handler.fixed);
        Self {
            space,
            topology,
            orders_db,
            billing_db,
            outbox,
            handler,
            fixed,
            duplicates: Arc::default(),
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Runs `topology`; returns what it created.
    pub async fn apply(&self) -> Vec<String> {
        let broker = Broker::new(self.space.amqp_admin_url(), "topology");
        self.topology.apply(&broker, Clock::system()).await.unwrap()
    }

    /// A service's bus as in production. The events of "orders" are then committed through its outbox; otherwise the
    /// relay finds them by polling.
    pub async fn bus(&mut self, service: &str) -> Bus {
        let bus = Bus::open(self.settings(service).await, self.pool(service).clone()).await.unwrap();
        if service == "orders" {
            self.outbox = bus.outbox();
        }
        bus
    }

    pub async fn settings(&self, service: &str) -> Settings {
        Settings::new(service, &self.broker_url(service).await).observed_by(self.duplicates.clone())
    }

    /// RabbitMQ, as the service's own user.
    pub async fn broker_url(&self, service: &str) -> String {
        let service = self.service(service);
        let rights = service.permissions();
        self.space.broker_user(&service.name, &rights.configure, &rights.write, &rights.read).await
    }

    pub fn service(&self, name: &str) -> &Service {
        self.topology.services.iter().find(|known| known.name == name).unwrap()
    }

    fn pool(&self, service: &str) -> &PgPool {
        if service == "orders" { &self.orders_db } else { &self.billing_db }
    }

    pub fn relay(&mut self, bus: &Bus) -> Health {
        let relay = bus.relay();
        let health = relay.health();
        self.tasks.spawn(relay.run(self.stop.clone()));
        health
    }

    pub fn consumer(&mut self, bus: &Bus) -> Health {
        let consumer = bus.consumer(self.handler.clone());
        let health = consumer.health();
        self.tasks.spawn(consumer.run(self.stop.clone()));
        health
    }

    /// Publishes all of these in one transaction, so that they come as one batch.
    pub async fn place(&self, orders: &[(&str, i64)]) {
        let mut transaction = self.orders_db.begin().await.unwrap();
        self.append(&mut transaction, orders).await;
        self.outbox.commit(transaction).await.unwrap();
    }

    pub async fn append(&self, connection: &mut PgConnection, orders: &[(&str, i64)]) {
        let placed = |&(customer, amount): &(&str, i64)| OrderPlaced { customer: customer.into(), amount };
        self.append_events(connection, orders.iter().map(placed).collect()).await;
    }

    pub async fn publish<E: EventType>(&self, event: E) {
        let mut transaction = self.orders_db.begin().await.unwrap();
        self.append_events(&mut transaction, vec![event]).await;
        self.outbox.commit(transaction).await.unwrap();
    }

    async fn append_events<E: EventType>(&self, connection: &mut PgConnection, events: Vec<E>) {
        let wrap = |event: &E| self.outbox.wrap(event, &Cause::started_by("a test")).unwrap();
        self.outbox.append(connection, events.iter().map(wrap).collect()).await.unwrap();
    }

    /// Stops all that is at work; others can be started after that.
    pub async fn halt(&mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.stop = CancellationToken::new();
    }

    pub async fn end(mut self) {
        self.halt().await;
        self.space.remove().await;
    }

    pub async fn end_without_dead_letters(self) {
        assert_eq!(self.messages("billing.dead").await, 0, "nothing becomes a dead letter");
        self.end().await;
    }
}
