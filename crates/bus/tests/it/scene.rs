//! What the tests of this crate share: a house that publishes which lamps are lit, and a meter that listens.

mod complaints;
mod instance;
mod lamps;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bus::{Broker, Bus, EventLog, Health, Observer, Outbox, Parked, Service, Settings, Start, Topology};
use envelope::{Cause, EventType};
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgConnection, PgPool};
use testkit::{Shared, Space, eventually};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use complaints::Complaints;
pub use instance::Instance;
pub use lamps::{LampLit, Meter, Projection, RoomTornDown};

pub const PATIENCE: Duration = Duration::from_mins(1);

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

    /// With the relay at work, for a meter whose instances the test starts. Its new queue's first message is a marker, and
    /// out of the way once a lamp behind it was taken; that of the porch stays in the log.
    pub async fn with_house() -> Self {
        let mut scene = Self::set(testkit::servers().await).await;
        let house = scene.bus("house").await;
        scene.relay(&house);
        let instance = scene.start(&scene.handler, |settings| settings).await;
        scene.light(&[("porch", 1)]).await;
        scene.until_noted(1).await;
        instance.stop().await;
        sqlx::query("DELETE FROM notes").execute(&scene.meter).await.unwrap();
        scene
    }

    /// Nobody is at work yet.
    pub async fn set(servers: &Shared) -> Self {
        let space = Space::new(servers).await;
        let topology = topology();
        topology
            .apply(&Broker::new(space.amqp_admin_url(), "topology"), envelope::Clock::system())
            .await
            .unwrap();
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
        self.topology
            .apply(&Broker::new(self.space.amqp_admin_url(), "topology"), envelope::Clock::system())
            .await
            .unwrap()
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
        let service = self.service(service);
        let rights = service.permissions();
        self.space.broker_user(&service.name, &rights.configure, &rights.write, &rights.read).await
    }

    pub fn service(&self, name: &str) -> &Service {
        self.topology.services.iter().find(|known| known.name == name).unwrap()
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
        let lit = |&(room, watts): &(&str, i64)| LampLit { room: room.into(), watts };
        self.append_events(connection, lamps.iter().map(lit).collect()).await;
    }

    pub async fn publish<E: EventType>(&self, event: E) {
        let mut transaction = self.house.begin().await.unwrap();
        self.append_events(&mut transaction, vec![event]).await;
        self.outbox.commit(transaction).await.unwrap();
    }

    async fn append_events<E: EventType>(&self, connection: &mut PgConnection, events: Vec<E>) {
        let wrap = |event: &E| self.outbox.wrap(event, &Cause::started_by("a test")).unwrap();
        self.outbox.append(connection, events.iter().map(wrap).collect()).await.unwrap();
    }

    /// Waits until the broker has everything.
    pub async fn until_published(&self) {
        self.until_number(&self.house, "SELECT count(*) FROM bus.outbox", 0).await;
    }

    /// What was noted of a room, in that order.
    pub async fn notes(&self, room: &str) -> Vec<i64> {
        let notes = sqlx::query_scalar("SELECT watts FROM notes WHERE room = $1 ORDER BY place");
        notes.bind(room).fetch_all(&self.meter).await.unwrap()
    }

    pub async fn until(&self, room: &str, notes: &[i64]) {
        let what = format!("the notes {notes:?} of the {room}");
        eventually(&what, PATIENCE, async || (self.notes(room).await == notes).then_some(())).await;
    }

    pub async fn until_noted(&self, number: i64) {
        self.until_number(&self.meter, "SELECT count(*) FROM notes", number).await;
    }

    pub async fn until_number(&self, pool: &PgPool, query: &'static str, expected: i64) {
        let mut last = None;
        let reached = async {
            while last != Some(expected) {
                last = Some(sqlx::query_scalar::<_, i64>(query).fetch_one(pool).await.unwrap());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, reached).await;
        assert!(in_time.is_ok(), "{query} gave {last:?}, not {expected}");
    }

    /// Rooms of which some lamp was noted more than once.
    pub async fn doubled(&self) -> BTreeSet<String> {
        let doubled = "SELECT room FROM notes GROUP BY room, watts HAVING count(*) > 1";
        sqlx::query_scalar(doubled).fetch_all(&self.meter).await.unwrap().into_iter().collect()
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

    /// Waits until so many events are parked.
    pub async fn parked(&self, number: usize) -> Vec<Parked> {
        self.until_parked(&format!("{number} parked events"), |parked| parked.len() == number).await
    }

    pub async fn until_parked(&self, what: &str, is_so: impl Fn(&[Parked]) -> bool) -> Vec<Parked> {
        eventually(what, PATIENCE, async || Some(self.parked_now().await).filter(|parked| is_so(parked)))
            .await
    }

    pub async fn parked_now(&self) -> Vec<Parked> {
        bus::parked(&self.meter, 1000).await.unwrap()
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
        assert_eq!(self.messages("meter.dead").await, 0, "nothing becomes a dead letter");
        self.end().await;
    }
}

/// A channel of the broker's administrator.
pub async fn administrator(space: &Space) -> Channel {
    let properties = ConnectionProperties::default();
    let connection = Connection::connect(&space.amqp_admin_url(), properties).await.unwrap();
    connection.create_channel().await.unwrap()
}

/// How many messages are ready in a queue.
pub async fn messages(channel: &Channel, queue: &str) -> u32 {
    let look = QueueDeclareOptions { passive: true, ..Default::default() };
    channel.queue_declare(queue.into(), look, FieldTable::default()).await.unwrap().message_count()
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
        .with_timestamp(u64::try_from(envelope::Clock::system().now().timestamp()).unwrap())
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
