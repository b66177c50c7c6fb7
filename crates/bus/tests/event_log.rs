//! Reading the event log, again and again, from any place.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::time::Duration;

use bus::{Broker, Bus, BusError, EventLog, Logged, Outbox, Service, Settings, Start, Topology};
use chrono::Utc;
use envelope::{Cause, EventType};
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use testkit::{Space, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Serialize, Deserialize)]
struct LampLit {
    room: String,
    watts: i64,
}

impl EventType for LampLit {
    const TYPE: &'static str = "house.lamp-lit.v1";
    fn subject(&self) -> String {
        self.room.clone()
    }
}

/// A house that publishes, and the log.
struct Scene {
    space: Space,
    log: EventLog,
    house: PgPool,
    outbox: Outbox,
    stop: CancellationToken,
    relay: JoinHandle<()>,
}

impl Scene {
    async fn new() -> Self {
        let space = Space::new(testkit::servers().await).await;
        let service = Service { name: "house".into(), listens_to: vec![] };
        let rights = service.permissions();
        let topology = Topology { services: vec![service] };
        topology.apply(&Broker::new(space.amqp_admin_url(), "topology")).await.unwrap();
        let house = PgPool::connect(&space.database("house").await).await.unwrap();
        let url = space.broker_user("house", &rights.configure, &rights.write, &rights.read).await;
        let bus = Bus::open(Settings::new("house", &url), house.clone()).await.unwrap();
        let stop = CancellationToken::new();
        let relay = tokio::spawn(bus.relay().run(stop.clone()));
        // The least that a reader needs.
        let url = space.broker_user("reader", "^$", "^$", "^event-log$").await;
        Self {
            space,
            log: EventLog::new(Broker::new(url, "reader")),
            house,
            outbox: bus.outbox(),
            stop,
            relay,
        }
    }

    /// Publishes this many events, numbered on in `watts`, and waits until the broker has confirmed them.
    async fn light(&self, watts: std::ops::Range<i64>) {
        let mut transaction = self.house.begin().await.unwrap();
        let wrap = |watts: i64| {
            self.outbox.wrap(&LampLit { room: "hall".into(), watts }, &Cause::started_by("a test")).unwrap()
        };
        self.outbox.append(&mut transaction, watts.map(wrap).collect()).await.unwrap();
        self.outbox.commit(transaction).await.unwrap();
        eventually("an empty outbox", PATIENCE, async || {
            let left: i64 =
                sqlx::query_scalar("SELECT count(*) FROM bus.outbox").fetch_one(&self.house).await.unwrap();
            (left == 0).then_some(())
        })
        .await;
    }

    /// The watts of this many events, read from there.
    async fn read(&self, start: Start, number: usize) -> Vec<i64> {
        let mut reading = self.log.read(start).await.unwrap();
        let mut read = Vec::new();
        while read.len() < number {
            let next = tokio::time::timeout(PATIENCE, reading.next()).await;
            read.push(watts(&next.unwrap().unwrap().unwrap()));
        }
        read
    }

    async fn delete_log(&self) {
        let channel = self.administrator().await;
        channel.queue_delete(bus::EVENT_LOG.into(), QueueDeleteOptions::default()).await.unwrap();
    }

    /// A log without even the marker that `topology` puts into a new one.
    async fn empty_log(&self) {
        self.delete_log().await;
        let mut stream = FieldTable::default();
        stream.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
        let (log, channel) = (bus::EVENT_LOG.into(), self.administrator().await);
        channel.queue_declare(log, QueueDeclareOptions::durable(), stream).await.unwrap();
    }

    async fn administrator(&self) -> Channel {
        let url = self.space.amqp_admin_url();
        let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
        connection.create_channel().await.unwrap()
    }

    async fn end(self) {
        self.stop.cancel();
        self.relay.await.unwrap();
        self.space.remove().await;
    }
}

fn watts(logged: &Logged) -> i64 {
    logged.event().unwrap().read::<LampLit>().unwrap().unwrap().watts
}

#[tokio::test]
async fn an_empty_log_has_no_first_message_and_no_end() {
    let scene = Scene::new().await;
    scene.empty_log().await;
    assert_eq!(scene.log.end().await.unwrap(), None);
    assert!(scene.log.first().await.unwrap().is_none());
    scene.end().await;
}

#[tokio::test]
async fn the_log_tells_its_first_message_and_its_end() {
    let scene = Scene::new().await;
    scene.light(0..1).await;
    // The log begins with a marker, which is no event.
    assert_eq!(scene.log.end().await.unwrap(), Some(1));
    // More than one chunk, more than one window of acknowledgements.
    for first in (1..6001).step_by(1500) {
        scene.light(first..first + 1500).await;
        assert_eq!(scene.log.end().await.unwrap(), Some(first + 1500), "everything that was confirmed");
    }
    let first = scene.log.first().await.unwrap().unwrap();
    assert_eq!(first.offset, 0);
    assert!(first.event().is_err() && first.time().is_some(), "the marker");
    scene.end().await;
}

#[tokio::test]
async fn the_log_is_read_from_any_place_and_in_order() {
    let scene = Scene::new().await;
    scene.light(0..3000).await;

    assert_eq!(scene.read(Start::First, 3000).await, (0..3000).collect::<Vec<_>>());
    assert_eq!(scene.read(Start::First, 3000).await.len(), 3000, "a second time as well");
    assert_eq!(scene.read(Start::Offset(1234), 3).await, [1233, 1234, 1235]);
    scene.end().await;
}

#[tokio::test]
async fn a_reading_from_a_time_misses_nothing_that_came_later() {
    let scene = Scene::new().await;
    scene.light(0..10).await;
    // The broker tells times by the second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let time = Utc::now();
    scene.light(10..20).await;

    let read = scene.read(Start::Time(time), 10).await;
    assert_eq!(read, (10..20).collect::<Vec<_>>());
    let long_ago = Utc::now() - Duration::from_hours(1);
    assert_eq!(scene.read(Start::Time(long_ago), 20).await, (0..20).collect::<Vec<_>>());
    scene.end().await;
}

#[tokio::test]
async fn a_reading_waits_at_the_end_for_what_comes() {
    let scene = Scene::new().await;
    scene.light(0..5).await;
    let mut next = scene.log.read(Start::Next).await.unwrap();
    let mut beyond = scene.log.read(Start::Offset(7)).await.unwrap();

    scene.light(5..7).await;
    assert_eq!(watts(&next.next().await.unwrap().unwrap()), 5);
    assert_eq!(watts(&beyond.next().await.unwrap().unwrap()), 6);
    scene.end().await;
}

#[tokio::test]
async fn a_logged_event_is_the_event_as_it_was_published() {
    let scene = Scene::new().await;
    scene.light(40..41).await;
    let logged = scene.log.read(Start::First).await.unwrap().next().await.unwrap().unwrap();
    let event = logged.event().unwrap();

    assert_eq!((logged.exchange.as_str(), logged.kind()), ("house.events", LampLit::TYPE));
    assert_eq!(logged.event_id(), Some(event.id.to_string().as_str()));
    assert_eq!(
        (logged.source(), logged.subject(), logged.sequence()),
        (Some("/house"), Some("hall"), Some(1))
    );
    assert_eq!(logged.body(), serde_json::to_vec(event).unwrap());
    scene.end().await;
}

#[tokio::test]
async fn a_reading_ends_when_the_log_is_deleted_and_a_missing_log_is_named() {
    let scene = Scene::new().await;
    scene.light(0..1).await;
    let mut reading = scene.log.read(Start::First).await.unwrap();
    reading.next().await.unwrap().unwrap();

    scene.delete_log().await;
    assert!(reading.next().await.unwrap().is_none());
    let error = scene.log.read(Start::First).await.err().unwrap();
    assert!(matches!(&error, BusError::Missing(what) if what.contains("event-log")), "{error}");
    scene.end().await;
}
