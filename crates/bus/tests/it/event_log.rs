//! Reading the event log, again and again, from any place.

use std::ops::Range;
use std::time::Duration;

use bus::{Broker, BusError, EVENT_LOG, EventLog, Logged, Start};
use envelope::{Clock, EventType};
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};

use crate::scene::{LampLit, PATIENCE, Scene};

/// A house that publishes, and the log.
struct Library {
    scene: Scene,
    log: EventLog,
}

impl Library {
    async fn new() -> Self {
        let mut scene = Scene::set(testkit::servers().await).await;
        let house = scene.bus("house").await;
        scene.relay(&house);
        // The least that a reader needs.
        let url = scene.space.broker_user("reader", "^$", "^$", "^event-log$").await;
        Self { scene, log: EventLog::new(Broker::new(url, "reader")) }
    }

    /// Publishes this many events, numbered on in `watts`, and waits until the broker has confirmed them.
    async fn light(&self, watts: Range<i64>) {
        let lamps: Vec<(&str, i64)> = watts.map(|watts| ("hall", watts)).collect();
        self.scene.light(&lamps).await;
        self.scene.until_published().await;
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

    /// A log without even the marker that `topology` puts into a new one.
    async fn empty_log(&self) {
        self.scene.delete_queue(EVENT_LOG).await;
        let mut stream = FieldTable::default();
        stream.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
        let declared = self.scene.channel().await;
        declared.queue_declare(EVENT_LOG.into(), QueueDeclareOptions::durable(), stream).await.unwrap();
    }

    async fn end(self) {
        self.scene.end().await;
    }
}

fn watts(logged: &Logged) -> i64 {
    logged.event().unwrap().read::<LampLit>().unwrap().unwrap().watts
}

#[tokio::test]
async fn an_empty_log_has_no_first_message_and_no_end() {
    let library = Library::new().await;
    library.empty_log().await;
    assert_eq!(library.log.end().await.unwrap(), None);
    assert!(library.log.first().await.unwrap().is_none());
    library.end().await;
}

#[tokio::test]
async fn the_log_tells_its_first_message_and_its_end() {
    let library = Library::new().await;
    library.light(0..1).await;
    // The log begins with a marker, which is no event.
    assert_eq!(library.log.end().await.unwrap(), Some(1));
    // More than one chunk, more than one window of acknowledgements.
    for first in (1..6001).step_by(1500) {
        library.light(first..first + 1500).await;
        assert_eq!(library.log.end().await.unwrap(), Some(first + 1500), "everything that was confirmed");
    }
    let first = library.log.first().await.unwrap().unwrap();
    assert_eq!(first.offset, 0);
    assert!(first.event().is_err() && first.time().is_some(), "the marker");
    library.end().await;
}

#[tokio::test]
async fn the_log_is_read_from_any_place_and_in_order() {
    let library = Library::new().await;
    library.light(0..3000).await;

    assert_eq!(library.read(Start::First, 3000).await, (0..3000).collect::<Vec<_>>());
    assert_eq!(library.read(Start::First, 3000).await.len(), 3000, "a second time as well");
    assert_eq!(library.read(Start::Offset(1234), 3).await, [1233, 1234, 1235]);
    library.end().await;
}

#[tokio::test]
async fn a_reading_from_a_time_misses_nothing_that_came_later() {
    let library = Library::new().await;
    library.light(0..10).await;
    // The broker tells times by the second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let time = Clock::system().now();
    library.light(10..20).await;

    let read = library.read(Start::Time(time), 10).await;
    assert_eq!(read, (10..20).collect::<Vec<_>>());
    let long_ago = Clock::system().now() - Duration::from_hours(1);
    assert_eq!(library.read(Start::Time(long_ago), 20).await, (0..20).collect::<Vec<_>>());
    library.end().await;
}

#[tokio::test]
async fn a_reading_waits_at_the_end_for_what_comes() {
    let library = Library::new().await;
    library.light(0..5).await;
    let mut next = library.log.read(Start::Next).await.unwrap();
    let mut beyond = library.log.read(Start::Offset(7)).await.unwrap();

    library.light(5..7).await;
    assert_eq!(watts(&next.next().await.unwrap().unwrap()), 5);
    assert_eq!(watts(&beyond.next().await.unwrap().unwrap()), 6);
    library.end().await;
}

#[tokio::test]
async fn a_logged_event_is_the_event_as_it_was_published() {
    let library = Library::new().await;
    library.light(40..41).await;
    let logged = library.log.read(Start::First).await.unwrap().next().await.unwrap().unwrap();
    let event = logged.event().unwrap();

    assert_eq!((logged.exchange.as_str(), logged.kind()), ("house.events", LampLit::TYPE));
    assert_eq!(logged.event_id(), Some(event.id.to_string().as_str()));
    assert_eq!(
        (logged.source(), logged.subject(), logged.sequence()),
        (Some("/house"), Some("hall"), Some(1))
    );
    assert_eq!(logged.body(), serde_json::to_vec(event).unwrap());
    library.end().await;
}

#[tokio::test]
async fn a_reading_ends_when_the_log_is_deleted_and_a_missing_log_is_named() {
    let library = Library::new().await;
    library.light(0..1).await;
    let mut reading = library.log.read(Start::First).await.unwrap();
    reading.next().await.unwrap().unwrap();

    library.scene.delete_queue(EVENT_LOG).await;
    assert!(reading.next().await.unwrap().is_none());
    let error = library.log.read(Start::First).await.err().unwrap();
    assert!(matches!(&error, BusError::Missing(what) if what.contains("event-log")), "{error}");
    library.end().await;
}
