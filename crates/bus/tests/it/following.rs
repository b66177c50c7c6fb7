//! Following the event log forever.

mod setup;

use std::time::Duration;

use cartwheel_bus::{EVENT_LOG, HealthState, Lost, Start};
use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use testkit::eventually;

use crate::fixture::{TIMEOUT, down, up};
use setup::{Ledger, Onlooker, Setup, When, large};

#[tokio::test]
async fn a_follower_gets_what_the_log_has_and_then_what_comes() {
    let (setup, ledger) = (Setup::new().await, Ledger::default());
    setup.place(0..3000).await;
    let following = setup.follow(ledger.clone(), |follower| follower.starting_at(Start::First)).await;
    ledger.until(0..3000).await;
    setup.place(3000..3001).await;
    ledger.until(0..3001).await;
    assert!(ledger.kept().batches.iter().all(|events| *events < 256 + 64), "batches are bounded");
    following.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn it_gathers_for_as_long_as_it_is_told_to() {
    let (setup, ledger) = (Setup::new().await, Ledger::default());
    setup.place(0..3000).await;
    let following = setup.follow(ledger.clone(), large).await;
    ledger.until(0..3000).await;
    assert!(ledger.kept().batches.len() < 5, "{:?}", ledger.kept().batches);
    following.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn from_the_end_it_gets_only_what_comes_and_misses_nothing_while_it_is_cut_off() {
    let (setup, onlooker) = (Setup::new().await, Onlooker::default());
    setup.place(0..100).await;
    let following = setup.follow(onlooker.clone(), |follower| follower).await;
    // Before anything has come.
    following.link.cut();
    down(&following.health).await;
    setup.place(100..110).await;
    following.link.open();
    onlooker.0.until(100..110).await;
    up(&following.health).await;
    // And again after something has.
    following.link.cut();
    down(&following.health).await;
    setup.place(110..400).await;
    following.link.open();
    onlooker.0.until(100..400).await;
    following.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn who_keeps_the_place_with_the_effects_has_each_effect_once() {
    let (setup, ledger) = (Setup::new().await, Ledger::default());
    setup.place(0..1000).await;
    ledger.kept().failures.extend([When::BeforeTheCommit, When::AfterTheCommit, When::BeforeTheCommit]);
    let following = setup.follow(ledger.clone(), |follower| follower.starting_at(Start::First)).await;
    ledger.until(0..1000).await;
    following.stop().await;
    // Another process goes on where the first one came to.
    setup.place(1000..1050).await;
    let following = setup.follow(ledger.clone(), |follower| follower).await;
    ledger.until(0..1050).await;
    assert!(ledger.kept().lost.is_empty());
    following.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn an_event_that_cant_be_taken_is_found_and_passed_over_alone() {
    let (setup, ledger) = (Setup::new().await, Ledger::default());
    setup.place(0..200).await;
    ledger.kept().refuses = Some(117);
    // And while it is searched for, the process has to go on from a place within a message.
    ledger.kept().failures.push_back(When::AfterTheCommit);
    let following = setup.follow(ledger.clone(), large).await;
    ledger.until((0..200).filter(|amount| *amount != 117)).await;
    eventually("it is counted", TIMEOUT, async || (ledger.kept().passed_over == 1).then_some(())).await;
    assert!(following.health.is_up());
    following.stop().await;
    setup.place(200..201).await;
    let following = setup.follow(ledger.clone(), |follower| follower).await;
    ledger.until((0..201).filter(|amount| *amount != 117)).await;
    following.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn what_is_no_event_is_passed_over_and_counted() {
    let (setup, ledger) = (Setup::new().await, Ledger::default());
    setup.place(0..5).await;
    let channel = setup.fixture.channel().await;
    for exchange in ["orders.orders", ""] {
        let options = BasicPublishOptions::default();
        let routing_key = if exchange.is_empty() { EVENT_LOG } else { "orders.order-placed.v1" };
        let publish = channel.basic_publish(
            exchange.into(),
            routing_key.into(),
            options,
            b"no event",
            BasicProperties::default(),
        );
        publish.await.unwrap();
    }
    setup.fixture.messages(EVENT_LOG).await;
    let following = setup.follow(ledger.clone(), |follower| follower.starting_at(Start::First)).await;
    eventually("both are counted", TIMEOUT, async || (ledger.kept().passed_over == 2).then_some(())).await;
    setup.place(5..8).await;
    ledger.until(0..8).await;
    following.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn a_log_that_was_declared_again_is_noticed_however_long_it_is() {
    let (setup, ledger) = (Setup::new().await, Ledger::default());
    setup.place(0..300).await;
    let following = setup.follow(ledger.clone(), |follower| follower.starting_at(Start::First)).await;
    ledger.until(0..300).await;
    // While it follows, and the new log is shorter.
    setup.fixture.delete_queue(EVENT_LOG).await;
    setup.fixture.apply().await;
    setup.place(300..301).await;
    ledger.until(0..301).await;
    assert_eq!(ledger.kept().lost, [Lost::Recreated]);
    following.stop().await;
    // While it is away, and the new log is longer.
    setup.fixture.delete_queue(EVENT_LOG).await;
    setup.fixture.apply().await;
    for amount in 301..310 {
        setup.place(amount..amount + 1).await;
    }
    let following = setup.follow(ledger.clone(), |follower| follower).await;
    ledger.until(0..310).await;
    assert_eq!(ledger.kept().lost, [Lost::Recreated; 2]);
    following.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn from_the_end_of_a_log_in_which_no_event_ever_was_it_misses_nothing_either() {
    let (setup, onlooker) = (Setup::new().await, Onlooker::default());
    let following = setup.follow(onlooker.clone(), |follower| follower).await;
    following.link.cut();
    down(&following.health).await;
    setup.place(0..10).await;
    following.link.open();
    onlooker.0.until(0..10).await;
    following.stop().await;
    setup.end().await;
}

/// A log that keeps next to nothing.
async fn short_log(setup: &Setup) {
    setup.fixture.delete_queue(EVENT_LOG).await;
    let mut stream = FieldTable::default();
    stream.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
    stream.insert("x-max-length-bytes".into(), AMQPValue::LongLongInt(20_000));
    stream.insert("x-stream-max-segment-size-bytes".into(), AMQPValue::LongLongInt(10_000));
    let channel = setup.fixture.channel().await;
    channel.queue_declare(EVENT_LOG.into(), QueueDeclareOptions::durable(), stream).await.unwrap();
    let (exchange, options) = ("orders.orders".into(), QueueBindOptions::default());
    channel.queue_bind(EVENT_LOG.into(), exchange, "#".into(), options, FieldTable::default()).await.unwrap();
}

#[tokio::test]
async fn a_log_of_which_nothing_can_be_read_is_not_taken_for_another() {
    let (setup, ledger) = (Setup::new().await, Ledger::default());
    setup.place(0..3).await;
    let following = setup.follow(ledger.clone(), |follower| follower.starting_at(Start::First)).await;
    ledger.until(0..3).await;
    // Without a marker it is as silent as one without its quorum.
    short_log(&setup).await;
    eventually("it says so", TIMEOUT, async || match following.health.state() {
        HealthState::Down(reason) if reason.contains("nothing of 'event-log' can be read") => Some(()),
        _ => None,
    })
    .await;
    assert!(ledger.kept().lost.is_empty());
    setup.place(3..4).await;
    ledger.until(0..4).await;
    assert_eq!(ledger.kept().lost, [Lost::Recreated], "now it is known to be another");
    following.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn what_the_log_dropped_before_it_was_read_is_said() {
    let (setup, ledger) = (Setup::new().await, Ledger::default());
    short_log(&setup).await;
    setup.place(0..3).await;
    let following = setup.follow(ledger.clone(), |follower| follower.starting_at(Start::First)).await;
    ledger.until(0..3).await;
    following.stop().await;
    let reached = ledger.kept().reached.clone().unwrap();
    for first in (3..2000).step_by(50) {
        setup.place(first..first + 50).await;
    }
    let following = setup.follow(ledger.clone(), |follower| follower).await;
    let lost = eventually("the loss", TIMEOUT, async || ledger.kept().lost.first().copied()).await;
    let Lost::Dropped { messages } = lost else { panic!("{lost:?}") };
    assert!(messages > 0, "behind offset {}", reached.offset);
    let caught_up = async || (ledger.kept().amounts.last() == Some(&2002)).then_some(());
    eventually("the last one", Duration::from_secs(20), caught_up).await;
    following.stop().await;
    setup.end().await;
}
