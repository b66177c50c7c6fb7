//! Reads the event log, again and again, from any place.

use std::ops::Range;
use std::time::Duration;

use cartwheel_bus::{Broker, Bus, BusError, EVENT_LOG, EventLog, Logged, Settings, Start};
use envelope::{Clock, EventType};
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};

use crate::fixture::{Fixture, OrderPlaced, TIMEOUT};

/// A service that publishes, and the log.
struct Setup {
    fixture: Fixture,
    log: EventLog,
}

impl Setup {
    async fn new() -> Self {
        Self::of(|settings| settings).await
    }

    /// With each event in a message of its own.
    async fn with_lone_events() -> Self {
        Self::of(|settings| settings.one_event_per_message(["orders.orders"])).await
    }

    async fn of(set: impl FnOnce(Settings) -> Settings) -> Self {
        let mut fixture = Fixture::idle(testkit::servers().await).await;
        let settings = set(fixture.settings("orders").await);
        let orders = Bus::open(settings, fixture.orders_db.clone()).await.unwrap();
        fixture.outbox = orders.outbox();
        fixture.relay(&orders);
        // The least that a reader needs.
        let url = fixture.space.broker_user("reader", "^$", "^$", "^event-log$").await;
        Self { fixture, log: EventLog::new(Broker::new(url, "reader")) }
    }

    /// Publishes this many events, with these amounts, and waits until the broker has confirmed them.
    async fn place(&self, amount: Range<i64>) {
        let orders: Vec<(&str, i64)> = amount.map(|amount| ("dan", amount)).collect();
        self.fixture.place(&orders).await;
        self.fixture.until_published().await;
    }

    /// The amounts of this many events, read from there.
    async fn read(&self, start: Start, number: usize) -> Vec<i64> {
        let mut reading = self.log.read(start).await.unwrap();
        let mut read = Vec::new();
        while read.len() < number {
            let next = tokio::time::timeout(TIMEOUT, reading.next()).await;
            read.push(amount(&next.unwrap().unwrap().unwrap()));
        }
        read
    }

    /// A log without even the marker that `topology` puts into a new one.
    async fn empty_log(&self) {
        self.fixture.delete_queue(EVENT_LOG).await;
        let mut stream = FieldTable::default();
        stream.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
        let declared = self.fixture.channel().await;
        declared.queue_declare(EVENT_LOG.into(), QueueDeclareOptions::durable(), stream).await.unwrap();
    }

    async fn end(self) {
        self.fixture.end().await;
    }
}

fn amount(logged: &Logged) -> i64 {
    logged.event().unwrap().read::<OrderPlaced>().unwrap().unwrap().amount
}

#[tokio::test]
async fn of_a_log_without_even_a_marker_nothing_is_known() {
    let setup = Setup::new().await;
    setup.empty_log().await;
    assert!(matches!(setup.log.end().await, Err(BusError::LogSilent)));
    assert!(setup.log.first().await.unwrap().is_none());
    setup.end().await;
}

#[tokio::test]
async fn the_log_has_a_first_message_and_an_end() {
    let setup = Setup::with_lone_events().await;
    setup.place(0..1).await;
    // The log begins with a marker, which is no event.
    assert_eq!(setup.log.end().await.unwrap(), 1);
    // More than one chunk, more than one window of acknowledgements.
    for first in (1..6001).step_by(1500) {
        setup.place(first..first + 1500).await;
        assert_eq!(setup.log.end().await.unwrap(), first + 1500, "everything that was confirmed");
    }
    let first = setup.log.first().await.unwrap().unwrap();
    assert_eq!(first.offset, 0);
    assert!(first.event().is_err() && first.time().is_some(), "the marker");
    setup.end().await;
}

#[tokio::test]
async fn the_log_is_read_from_any_place_and_in_order() {
    let setup = Setup::with_lone_events().await;
    setup.place(0..3000).await;

    assert_eq!(setup.read(Start::First, 3000).await, (0..3000).collect::<Vec<_>>());
    assert_eq!(setup.read(Start::First, 3000).await.len(), 3000, "a second time as well");
    assert_eq!(setup.read(Start::Offset(1234), 3).await, [1233, 1234, 1235]);
    setup.end().await;
}

#[tokio::test]
async fn the_events_of_a_message_are_read_one_by_one() {
    let setup = Setup::new().await;
    setup.place(0..3000).await;
    let end = setup.log.end().await.unwrap();
    assert!(end < 100, "{end} messages");

    let mut reading = setup.log.read(Start::First).await.unwrap();
    let mut read: Vec<Logged> = Vec::new();
    while read.last().is_none_or(|logged| !logged.completes(end)) {
        let next = tokio::time::timeout(TIMEOUT, reading.next()).await;
        read.push(next.unwrap().unwrap().unwrap());
    }
    assert!(read.iter().map(amount).eq(0..3000));
    let places: Vec<_> = read.iter().map(|logged| (logged.offset, logged.index)).collect();
    assert!(places.is_sorted_by(|one, next| one < next), "each has a place of its own");
    // From an offset on, whole messages.
    let second = read.iter().position(|logged| logged.offset == 2).unwrap();
    let from_there = setup.read(Start::Offset(2), 3).await;
    assert_eq!(from_there, read[second..second + 3].iter().map(amount).collect::<Vec<_>>());
    setup.end().await;
}

#[tokio::test]
async fn a_reading_from_a_time_misses_nothing_that_came_later() {
    let setup = Setup::new().await;
    setup.place(0..10).await;
    // The broker's times are in whole seconds.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let time = Clock::system().now();
    setup.place(10..20).await;

    let read = setup.read(Start::Time(time), 10).await;
    assert_eq!(read, (10..20).collect::<Vec<_>>());
    let long_ago = Clock::system().now() - Duration::from_hours(1);
    assert_eq!(setup.read(Start::Time(long_ago), 20).await, (0..20).collect::<Vec<_>>());
    setup.end().await;
}

#[tokio::test]
async fn a_reading_waits_at_the_end_for_what_comes() {
    let setup = Setup::with_lone_events().await;
    setup.place(0..5).await;
    let mut next = setup.log.read(Start::Next).await.unwrap();
    let mut beyond = setup.log.read(Start::Offset(7)).await.unwrap();

    setup.place(5..7).await;
    assert_eq!(amount(&next.next().await.unwrap().unwrap()), 5);
    assert_eq!(amount(&beyond.next().await.unwrap().unwrap()), 6);
    setup.end().await;
}

#[tokio::test]
async fn a_logged_event_is_the_event_as_it_was_published() {
    let setup = Setup::new().await;
    setup.place(40..41).await;
    let logged = setup.log.read(Start::First).await.unwrap().next().await.unwrap().unwrap();
    let event = logged.event().unwrap();

    assert_eq!((logged.exchange.as_str(), logged.kind()), ("orders.orders", OrderPlaced::TYPE));
    assert_eq!(logged.event_id(), Some(event.id.to_string().as_str()));
    assert_eq!(
        (logged.source(), logged.subject(), logged.sequence()),
        (Some("/orders/orders"), Some("dan"), Some(1))
    );
    assert_eq!(logged.body(), serde_json::to_vec(event).unwrap());
    setup.end().await;
}

#[tokio::test]
async fn a_reading_ends_when_the_log_is_deleted_and_a_missing_log_is_named() {
    let setup = Setup::new().await;
    setup.place(0..1).await;
    let mut reading = setup.log.read(Start::First).await.unwrap();
    reading.next().await.unwrap().unwrap();

    setup.fixture.delete_queue(EVENT_LOG).await;
    assert!(reading.next().await.unwrap().is_none());
    let error = setup.log.read(Start::First).await.err().unwrap();
    assert!(matches!(&error, BusError::Missing(what) if what.contains("event-log")), "{error}");
    setup.end().await;
}
