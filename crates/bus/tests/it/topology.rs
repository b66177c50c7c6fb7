//! How exchanges, queues and bindings are declared, and what happens when they are not as they should be.

use std::time::Duration;

use cartwheel_bus::{Broker, Difference, EVENT_LOG, HealthState, TopologyError};
use lapin::options::{BasicGetOptions, ExchangeDeclareOptions, ExchangeDeleteOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};
use testkit::{TestSpace, eventually};

use crate::fixture::{Fixture, TIMEOUT, administrator, down, marker, messages, topology, up};

const MARKER: &str = "application/x-bus-marker";

async fn idle() -> Fixture {
    Fixture::idle(testkit::servers().await).await
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

fn arguments(pairs: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert((*name).into(), value.clone());
    }
    table
}

async fn unbind(channel: &Channel) {
    let nothing = FieldTable::default();
    channel.queue_unbind("billing".into(), "orders.orders".into(), "#".into(), nothing).await.unwrap();
}

#[tokio::test]
async fn applying_it_again_creates_nothing_and_puts_no_second_marker() {
    let fixture = idle().await;
    let channel = fixture.channel().await;
    assert_eq!(messages(&channel, "billing").await, 1, "the marker");
    assert_eq!(fixture.apply().await, Vec::<String>::new());
    assert_eq!(messages(&channel, "billing").await, 1);
    fixture.end().await;
}

#[tokio::test]
async fn the_marker_is_the_first_message_of_a_new_queue_also_while_events_are_published() {
    let mut fixture = idle().await;
    let orders = fixture.bus("orders").await;
    fixture.relay(&orders);
    let channel = fixture.channel().await;
    fixture.delete_queue("billing").await;
    let publishing = async {
        for amount in 1.. {
            fixture.place(&[("dan", amount)]).await;
        }
    };
    tokio::select! {
        () = publishing => {}
        created = fixture.apply() => assert_eq!(created, ["billing"]),
    }
    fixture.place(&[("dan", 0)]).await;
    eventually("events behind the marker", TIMEOUT, async || {
        (messages(&channel, "billing").await > 1).then_some(())
    })
    .await;
    let first = channel.basic_get("billing".into(), BasicGetOptions::default()).await.unwrap().unwrap();
    assert_eq!(first.delivery.properties.content_type().as_ref().unwrap().as_str(), MARKER);
    assert!(first.delivery.properties.timestamp().is_some());
    fixture.end().await;
}

#[tokio::test]
async fn all_differences_are_reported_at_once_with_both_values_and_what_to_do() {
    let space = TestSpace::new(testkit::servers().await).await;
    let channel = administrator(&space).await;
    let few_tries = arguments(&[
        ("x-queue-type", text("quorum")),
        ("x-delivery-limit", AMQPValue::LongLongInt(20)),
        ("x-dead-letter-exchange", text("billing.dead")),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ]);
    channel.queue_declare("billing".into(), QueueDeclareOptions::durable(), few_tries).await.unwrap();
    let no_limit = arguments(&[("x-queue-type", text("quorum"))]);
    channel.queue_declare("billing.dead".into(), QueueDeclareOptions::durable(), no_limit).await.unwrap();
    let no_retention = arguments(&[("x-queue-type", text("stream"))]);
    channel.queue_declare(EVENT_LOG.into(), QueueDeclareOptions::durable(), no_retention).await.unwrap();
    let transient = ExchangeDeclareOptions::default();
    let (orders, nothing) = ("orders.orders", FieldTable::default());
    channel.exchange_declare(orders.into(), ExchangeKind::Topic, transient, nothing).await.unwrap();

    let broker = Broker::new(space.amqp_admin_url(), "topology");
    let error = topology().apply(&broker, envelope::Clock::system()).await.unwrap_err();
    let text = error.to_string();
    let TopologyError::Differs(differences) = error else { panic!("{error}") };
    let reported = |what: &str, property: &str| -> Difference {
        let found = differences.iter().find(|difference| difference.what == what);
        let found = found.unwrap_or_else(|| panic!("nothing of {what}: {text}")).clone();
        assert_eq!(found.property, property, "{text}");
        found
    };
    let queue = reported("queue 'billing'", "x-delivery-limit");
    assert_eq!((queue.wanted.as_str(), queue.found.as_str()), ("1000000", "20"));
    let dead = reported("queue 'billing.dead'", "x-delivery-limit");
    assert_eq!((dead.wanted.as_str(), dead.found.as_str()), ("1000000", "none"));
    let log = reported("queue 'event-log'", "x-max-length-bytes");
    assert_eq!((log.wanted.as_str(), log.found.as_str()), ("4294967296", "none"));
    let exchange = reported("exchange 'orders.orders'", "durable");
    assert_eq!((exchange.wanted.as_str(), exchange.found.as_str()), ("true", "false"));
    assert!(
        text.contains("queue 'billing': x-delivery-limit should be 1000000, but is 20. Delete it"),
        "{text}"
    );
    assert!(text.contains("catch up from the event log"), "{text}");
    space.remove().await;
}

#[tokio::test]
async fn a_queue_that_was_deleted_is_reported_and_after_topology_nothing_is_missing() {
    let mut fixture = idle().await;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    let health = fixture.consumer(&billing);
    fixture.place(&[("dan", 1), ("zoe", 1)]).await;
    fixture.until("dan", &[1]).await;

    let channel = fixture.channel().await;
    fixture.delete_queue("billing").await;
    eventually("it is said to be missing", TIMEOUT, async || {
        down(&health).await.contains("queue 'billing' is missing on the broker: run `topology`").then_some(())
    })
    .await;
    // The last event of a subject leaves no gap that a later one would show.
    fixture.place(&[("dan", 2), ("dan", 3)]).await;
    fixture.place(&[("ann", 1)]).await;
    fixture.until_published().await;
    assert!(!health.is_up());

    assert_eq!(fixture.apply().await, ["billing"]);
    fixture.until("dan", &[1, 2, 3]).await;
    fixture.until("ann", &[1]).await;
    fixture.place(&[("dan", 4)]).await;
    fixture.until("dan", &[1, 2, 3, 4]).await;
    assert_eq!(fixture.invoices("zoe").await, [1]);
    up(&health).await;
    assert_eq!(messages(&channel, "billing.dead").await, 0);
    fixture.end().await;
}

#[tokio::test]
async fn bindings_that_were_lost_are_made_again() {
    let mut fixture = idle().await;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    fixture.consumer(&billing);
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    let channel = fixture.channel().await;
    unbind(&channel).await;
    assert_eq!(fixture.apply().await, Vec::<String>::new());
    fixture.place(&[("dan", 2)]).await;
    fixture.until("dan", &[1, 2]).await;
    fixture.end().await;
}

#[tokio::test]
async fn a_run_that_was_interrupted_before_it_bound_a_new_queue_is_completed_by_the_next() {
    let mut fixture = idle().await;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    fixture.consumer(&billing);
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    let channel = fixture.channel().await;
    // What an interrupted run leaves: a queue without bindings, and no dead-letter exchange yet.
    fixture.halt().await;
    unbind(&channel).await;
    let dead = cartwheel_bus::dead_letters_of("billing");
    channel.exchange_delete(dead.into(), ExchangeDeleteOptions::default()).await.unwrap();
    fixture.relay(&orders);
    fixture.place(&[("dan", 2), ("ann", 1)]).await;
    fixture.until_published().await;

    fixture.consumer(&billing);
    fixture.apply().await;
    fixture.until("dan", &[1, 2]).await;
    fixture.until("ann", &[1]).await;
    fixture.end().await;
}

/// Puts a marker into billing's queue, behind what is there.
async fn put_marker(channel: &Channel) {
    let (marker, options) = (marker(&["orders.orders"]), lapin::options::BasicPublishOptions::default());
    channel.basic_publish("".into(), "billing".into(), options, b"", marker).await.unwrap();
}

#[tokio::test]
async fn a_consumer_that_meets_a_marker_behind_other_messages_is_at_work_again_after_it() {
    let mut fixture = idle().await;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    let health = fixture.consumer(&billing);
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    put_marker(&fixture.channel().await).await;
    eventually("it catches up", TIMEOUT, async || (!health.is_up()).then_some(())).await;
    up(&health).await;
    fixture.end().await;
}

#[tokio::test]
async fn a_consumer_that_meets_the_marker_waits_until_the_queue_is_bound() {
    let mut fixture = idle().await;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    fixture.place(&[("dan", 1)]).await;
    let channel = fixture.channel().await;
    fixture.consumer(&billing);
    fixture.until("dan", &[1]).await;
    fixture.halt().await;
    fixture.relay(&orders);
    // As while `topology` is running.
    unbind(&channel).await;
    let dead = cartwheel_bus::dead_letters_of("billing");
    channel.exchange_delete(dead.as_str().into(), ExchangeDeleteOptions::default()).await.unwrap();
    put_marker(&channel).await;
    let health = fixture.consumer(&billing);
    eventually("it catches up", TIMEOUT, async || (health.state() == HealthState::CatchingUp).then_some(()))
        .await;
    // Time enough to read the log to its end, for one that doesn't wait.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!health.is_up());
    fixture.place(&[("ann", 1)]).await;
    fixture.until_published().await;

    let nothing = FieldTable::default();
    let (durable, topic) =
        (ExchangeDeclareOptions { durable: true, ..Default::default() }, ExchangeKind::Topic);
    channel.exchange_declare(dead.into(), topic, durable, nothing).await.unwrap();
    fixture.until("ann", &[1]).await;
    up(&health).await;
    fixture.end().await;
}
