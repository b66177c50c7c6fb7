//! A house that publishes which lamps are lit, and meters that note them.
#![allow(dead_code, reason = "each test file uses its part of it")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::{Broker, Bus, Failure, Handler, Health, Outbox, Parked, Service, Settings, Topology};
use envelope::{Cause, Envelope, EventType};
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use serde::{Deserialize, Serialize};
use servers::Link;
use sqlx::{PgConnection, PgPool};
use testkit::{Space, eventually};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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

/// The last that is heard of a room.
#[derive(Serialize, Deserialize)]
pub struct RoomTornDown {
    pub room: String,
}

impl EventType for RoomTornDown {
    const TYPE: &'static str = "house.room-torn-down.v1";
    const FINAL: bool = true;
    fn subject(&self) -> String {
        self.room.clone()
    }
}

/// Notes every lamp.
#[derive(Clone, Default)]
pub struct Meter {
    /// A lamp of this room has the meter hang until it is killed.
    pub deadly: Option<&'static str>,
    /// Told when that happens.
    pub hangs: Arc<Notify>,
    /// It fails at everything.
    pub broken: Arc<AtomicBool>,
}

impl Handler for Meter {
    const PROJECTS: bool = true;

    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Failure::permanent("broken"));
        }
        for event in events {
            let Some(LampLit { room, watts }) = event.read()? else { continue };
            if self.deadly == Some(&room) {
                self.hangs.notify_one();
                std::future::pending::<()>().await;
            }
            let note = sqlx::query("INSERT INTO notes (room, watts) VALUES ($1, $2)");
            note.bind(room).bind(watts).execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn forget(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM notes").execute(connection).await.map(|_| ())
    }
}

/// The house, its relay, and the meter's database.
pub struct House {
    pub space: Space,
    pub topology: Topology,
    pub publisher: PgPool,
    pub meter: PgPool,
    outbox: Outbox,
    stop: CancellationToken,
    relay: JoinHandle<()>,
    meter_url: String,
}

/// A running instance of the meter.
pub struct Instance {
    pub health: Health,
    stop: CancellationToken,
    task: JoinHandle<()>,
    /// Its way to the broker.
    link: Link,
}

impl Instance {
    /// Ends it as SIGKILL would: it finishes nothing, and its connection breaks.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
        self.link.cut();
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

impl House {
    pub async fn new() -> Self {
        let space = Space::new(testkit::servers().await).await;
        let service = |name: &str, listens_to: &[&str]| Service {
            name: name.into(),
            listens_to: listens_to.iter().map(ToString::to_string).collect(),
        };
        let topology = Topology { services: vec![service("house", &[]), service("meter", &["house"])] };
        topology.apply(&Broker::new(space.amqp_admin_url(), "topology")).await.unwrap();
        let [house_url, meter_url] =
            [login(&space, &topology.services[0]).await, login(&space, &topology.services[1]).await];
        let house = PgPool::connect(&space.database("house").await).await.unwrap();
        let meter = PgPool::connect(&space.database("meter").await).await.unwrap();
        let bus = Bus::open(Settings::new("house", &house_url), house.clone()).await.unwrap();
        let notes = "CREATE TABLE notes (place bigserial, room text, watts bigint)";
        sqlx::query(notes).execute(&meter).await.unwrap();
        let stop = CancellationToken::new();
        let relay = tokio::spawn(bus.relay().run(stop.clone()));
        let this =
            Self { space, topology, publisher: house, meter, outbox: bus.outbox(), stop, relay, meter_url };
        this.have_the_marker_taken().await;
        this
    }

    /// The new queue's first message is out of the way once the one behind it is. The porch stays in the log.
    async fn have_the_marker_taken(&self) {
        let instance = self.start(&Meter::default(), |settings| settings).await;
        self.light(&[("porch", 1)]).await;
        self.until_noted(1).await;
        instance.stop().await;
        sqlx::query("DELETE FROM notes").execute(&self.meter).await.unwrap();
    }

    pub fn meter_service(&self) -> &Service {
        &self.topology.services[1]
    }

    pub async fn open_meter(&self) -> Bus {
        Bus::open(Settings::new("meter", &self.meter_url), self.meter.clone()).await.unwrap()
    }

    /// Starts an instance of the meter.
    pub async fn start(&self, meter: &Meter, set: impl FnOnce(Settings) -> Settings) -> Instance {
        let link = Link::to(&self.meter_url, 5672).await.unwrap();
        let settings = set(Settings::new("meter", &link.url(&self.meter_url).unwrap()));
        let consumer = Bus::open(settings, self.meter.clone()).await.unwrap().consumer(meter.clone());
        let (health, stop) = (consumer.health(), CancellationToken::new());
        let task = tokio::spawn(consumer.run(stop.clone()));
        Instance { health, stop, task, link }
    }

    /// Publishes all of these in one transaction.
    pub async fn light(&self, lamps: &[(&str, i64)]) {
        let events = lamps.iter().map(|&(room, watts)| LampLit { room: room.into(), watts });
        self.publish(events.collect()).await;
    }

    pub async fn publish<E: EventType>(&self, events: Vec<E>) {
        let mut transaction = self.publisher.begin().await.unwrap();
        let wrap = |event: &E| self.outbox.wrap(event, &Cause::started_by("a test")).unwrap();
        self.outbox.append(&mut transaction, events.iter().map(wrap).collect()).await.unwrap();
        self.outbox.commit(transaction).await.unwrap();
    }

    /// Waits until the broker has everything.
    pub async fn until_published(&self) {
        self.until_number(&self.publisher, "SELECT count(*) FROM bus.outbox", 0).await;
    }

    /// What was noted of a room, in that order.
    pub async fn notes(&self, room: &str) -> Vec<i64> {
        let notes = sqlx::query_scalar("SELECT watts FROM notes WHERE room = $1 ORDER BY place");
        notes.bind(room).fetch_all(&self.meter).await.unwrap()
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

    pub async fn parked(&self) -> Vec<Parked> {
        bus::parked(&self.meter, 1000).await.unwrap()
    }

    pub async fn until_parked(&self, what: &str, is_so: impl Fn(&[Parked]) -> bool) -> Vec<Parked> {
        eventually(what, PATIENCE, async || Some(self.parked().await).filter(|parked| is_so(parked))).await
    }

    /// A channel of the broker's administrator.
    pub async fn channel(&self) -> Channel {
        let url = self.space.amqp_admin_url();
        let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
        connection.create_channel().await.unwrap()
    }

    /// How many messages are ready in a queue.
    pub async fn messages(&self, queue: &str) -> u32 {
        let look = QueueDeclareOptions { passive: true, ..Default::default() };
        let declared = self.channel().await.queue_declare(queue.into(), look, FieldTable::default()).await;
        declared.unwrap().message_count()
    }

    pub async fn end(self) {
        assert_eq!(self.messages("meter.dead").await, 0, "nothing becomes a dead letter");
        self.stop.cancel();
        self.relay.await.unwrap();
        self.space.remove().await;
    }
}

async fn login(space: &Space, service: &Service) -> String {
    let rights = service.permissions();
    space.broker_user(&service.name, &rights.configure, &rights.write, &rights.read).await
}
