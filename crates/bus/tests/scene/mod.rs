//! What the tests of this crate share: a house that publishes which lamps are lit, and a meter that listens.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod complaints;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bus::{
    Broker, Bus, EventLog, Failure, Handler, Health, Observer, Outbox, Parked, Service, Settings, Start,
    Topology,
};
use envelope::{Cause, Envelope, EventType};
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgConnection, PgPool};
use testkit::{Shared, Space, eventually};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Serialize, Deserialize)]
pub struct LampLit {
    pub room: String,
    pub watts: i64,
}

impl EventType for LampLit {
    const TYPE: &'static str = "house.lamp-lit.v1";
    fn subject(&self) -> String {
        self.room.clone()
    }
}

/// Notes every lamp; refuses those of no watts, or panics at them, until it is mended.
#[derive(Clone, Default)]
pub struct Meter {
    pub mended: Arc<AtomicBool>,
    pub panics: bool,
}

impl Handler for Meter {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        for event in events {
            let Some(LampLit { room, watts }) = event.read()? else { continue };
            if watts == 0 && !self.mended.load(Ordering::Relaxed) {
                assert!(!self.panics, "no watts");
                return Err(Failure::permanent("no watts"));
            }
            let note = sqlx::query("INSERT INTO notes (room, watts) VALUES ($1, $2)");
            note.bind(room).bind(watts).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

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

/// A house that publishes and a meter that listens.
pub struct Scene {
    pub space: Space,
    pub topology: Topology,
    pub house: PgPool,
    pub meter: PgPool,
    pub outbox: Outbox,
    pub handler: Meter,
    pub mended: Arc<AtomicBool>,
    pub duplicates: Arc<Duplicates>,
    pub stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Scene {
    /// With one relay and one consumer at work, on the servers that all tests share.
    pub async fn new(panics: bool) -> Self {
        let mut scene = Self::set(testkit::servers().await).await;
        scene.handler.panics = panics;
        let (house, meter) = (scene.bus("house").await, scene.bus("meter").await);
        scene.relay(&house);
        scene.consumer(&meter);
        scene
    }

    /// Nobody is at work yet.
    pub async fn set(servers: &Shared) -> Self {
        let space = Space::new(servers).await;
        let topology = topology();
        topology.apply(&Broker::new(space.amqp_admin_url(), "topology")).await.unwrap();
        let house = pool(&space.database("house").await).await;
        let meter = pool(&space.database("meter").await).await;
        let table = "CREATE TABLE notes (place serial, room text, watts bigint)";
        sqlx::query(table).execute(&meter).await.unwrap();
        let outbox =
            Bus::open(Settings::new("house", "amqp://localhost"), house.clone()).await.unwrap().outbox();
        let handler = Meter::default();
        let mended = Arc::clone(&handler.mended);
        Self {
            space,
            topology,
            house,
            meter,
            outbox,
            handler,
            mended,
            duplicates: Arc::default(),
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Runs `topology`; returns what it created.
    pub async fn apply(&self) -> Vec<String> {
        self.topology.apply(&Broker::new(self.space.amqp_admin_url(), "topology")).await.unwrap()
    }

    /// A service's bus as it is in daily life. The house's events are to be committed through this one's outbox, or
    /// else the relay learns of them by polling.
    pub async fn bus(&mut self, service: &str) -> Bus {
        let bus = Bus::open(self.settings(service).await, self.pool(service).clone()).await.unwrap();
        if service == "house" {
            self.outbox = bus.outbox();
        }
        bus
    }

    pub async fn settings(&self, service: &str) -> Settings {
        Settings::new(service, &self.broker_url(service).await).observed_by(self.duplicates.clone())
    }

    /// RabbitMQ, as the service's own user.
    pub async fn broker_url(&self, service: &str) -> String {
        let service = self.topology.services.iter().find(|known| known.name == service).unwrap();
        let rights = service.permissions();
        self.space.broker_user(&service.name, &rights.configure, &rights.write, &rights.read).await
    }

    fn pool(&self, service: &str) -> &PgPool {
        if service == "house" { &self.house } else { &self.meter }
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
    pub async fn light(&self, lamps: &[(&str, i64)]) {
        let mut transaction = self.house.begin().await.unwrap();
        self.append(&mut transaction, lamps).await;
        self.outbox.commit(transaction).await.unwrap();
    }

    pub async fn append(&self, connection: &mut PgConnection, lamps: &[(&str, i64)]) {
        let wrap = |&(room, watts): &(&str, i64)| {
            self.outbox.wrap(&LampLit { room: room.into(), watts }, &Cause::started_by("a test")).unwrap()
        };
        self.outbox.append(connection, lamps.iter().map(wrap).collect()).await.unwrap();
    }

    pub async fn notes(&self, room: &str) -> Vec<i64> {
        let notes = sqlx::query_scalar("SELECT watts FROM notes WHERE room = $1 ORDER BY place");
        notes.bind(room).fetch_all(&self.meter).await.unwrap()
    }

    pub async fn until(&self, room: &str, notes: &[i64]) {
        let what = format!("the notes {notes:?} of the {room}");
        eventually(&what, PATIENCE, async || (self.notes(room).await == notes).then_some(())).await;
    }

    /// The watts of all lamps in the event log; some may stand there twice.
    pub async fn logged(&self) -> Vec<i64> {
        let log = EventLog::new(Broker::new(self.space.amqp_admin_url(), "reader"));
        // A broker that has just started can't be asked yet.
        let end = eventually("an end of the event log", PATIENCE, async || log.end().await.ok()).await;
        let Some(end) = end else { return Vec::new() };
        let mut reading = log.read(Start::First).await.unwrap();
        let mut watts = Vec::new();
        loop {
            let next = tokio::time::timeout(PATIENCE, reading.next()).await;
            let logged = next.unwrap().unwrap().unwrap();
            watts.extend(logged.event().unwrap().read::<LampLit>().unwrap().map(|lamp| lamp.watts));
            if logged.offset >= end {
                return watts;
            }
        }
    }

    /// How many events wait in the house's outbox.
    pub async fn waiting(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM bus.outbox").fetch_one(&self.house).await.unwrap()
    }

    pub async fn parked(&self, number: usize) -> Vec<Parked> {
        eventually(&format!("{number} parked events"), PATIENCE, async || {
            let parked = bus::parked(&self.meter, 100).await.unwrap();
            (parked.len() == number).then_some(parked)
        })
        .await
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
}

pub fn topology() -> Topology {
    Topology { services: vec![service("house", &[]), service("meter", &["house"])] }
}

pub fn service(name: &str, listens_to: &[&str]) -> Service {
    Service { name: name.into(), listens_to: listens_to.iter().map(ToString::to_string).collect() }
}

/// What a marker looks like.
pub fn marker(exchanges: &[&str]) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("exchanges".into(), AMQPValue::LongString(exchanges.join(" ").into()));
    BasicProperties::default()
        .with_content_type("application/x-bus-marker".into())
        .with_message_id(Uuid::now_v7().to_string().into())
        .with_timestamp(u64::try_from(chrono::Utc::now().timestamp()).unwrap())
        .with_headers(headers)
}

/// A pool that finds out soon when its server is gone.
pub async fn pool(url: &str) -> PgPool {
    PgPoolOptions::new().acquire_timeout(Duration::from_secs(2)).connect(url).await.unwrap()
}

pub async fn up(health: &Health) {
    eventually(&format!("the {} is at work", health.name()), PATIENCE, async || health.is_up().then_some(()))
        .await;
}

/// Waits until it says that it is not at work, and why.
pub async fn down(health: &Health) -> String {
    eventually(&format!("the {} says that it is not at work", health.name()), PATIENCE, async || match health
        .state()
    {
        bus::State::Down(reason) => Some(reason),
        _ => None,
    })
    .await
}
