//! What a queue lost comes back out of the event log.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod lamps;

use std::time::Duration;

use bus::{Broker, RebuildError, State};
use lamps::{House, Instance, LampLit, Meter, PATIENCE, RoomTornDown};
use lapin::options::{BasicGetOptions, QueueDeleteOptions};
use testkit::eventually;

async fn delete(house: &House, queue: &str) {
    house.channel().await.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
}

async fn topology(house: &House) {
    house.topology.apply(&Broker::new(house.space.amqp_admin_url(), "topology")).await.unwrap();
}

async fn until_down(instance: &Instance, because: &str) {
    eventually(because, PATIENCE, async || {
        matches!(instance.health.state(), State::Down(reason) if reason.contains(because)).then_some(())
    })
    .await;
}

/// Takes the oldest message out of the meter's queue, never to be seen again.
async fn lose_one(house: &House) {
    let channel = house.channel().await;
    let lost = eventually("a message", PATIENCE, async || {
        channel.basic_get("meter".into(), BasicGetOptions { no_ack: true }).await.unwrap()
    });
    lost.await;
}

#[tokio::test]
async fn after_a_deleted_queue_nothing_is_missing() {
    let house = House::new().await;
    let instance = house.start(&Meter::default(), |settings| settings).await;
    house.light(&[("hall", 1), ("attic", 1)]).await;
    house.until_noted(2).await;

    delete(&house, "meter").await;
    until_down(&instance, "queue 'meter' is missing on the broker: run `topology`").await;
    house.light(&[("hall", 2), ("yard", 1), ("hall", 3)]).await;
    house.until_published().await;
    topology(&house).await;
    house.light(&[("hall", 4)]).await;

    house.until_noted(6).await;
    assert_eq!(house.notes("hall").await, [1, 2, 3, 4]);
    assert_eq!(house.notes("yard").await, [1], "nothing came after it to show that it was missing");
    assert!(house.doubled().await.is_empty());
    eventually("it is at work", PATIENCE, async || instance.health.is_up().then_some(())).await;
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn a_consumer_that_dies_while_it_catches_up_leaves_nothing_out() {
    let house = House::new().await;
    let instance = house.start(&Meter::default(), |settings| settings).await;
    house.light(&[("hall", 1)]).await;
    house.until_noted(1).await;
    delete(&house, "meter").await;
    until_down(&instance, "is missing").await;
    instance.stop().await;
    house.light(&[("yard", 1), ("attic", 1), ("hall", 2)]).await;
    house.until_published().await;
    topology(&house).await;

    let hangs = Meter { deadly: Some("attic"), ..Meter::default() };
    let instance = house.start(&hangs, |settings| settings).await;
    hangs.hangs.notified().await;
    instance.kill().await;
    let instance = house.start(&Meter::default(), |settings| settings).await;
    house.until_noted(4).await;
    assert!(house.doubled().await.is_empty());
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn a_hole_is_closed_from_the_event_log() {
    let house = House::new().await;
    house.light(&[("hall", 1), ("hall", 2)]).await;
    house.until_published().await;
    lose_one(&house).await;
    let soon = |settings: bus::Settings| settings.hole_patience(Duration::from_millis(200));
    let instance = house.start(&Meter::default(), soon).await;
    house.until_noted(2).await;
    assert_eq!(house.notes("hall").await, [1, 2]);
    house.until_parked("nothing waits", <[bus::Parked]>::is_empty).await;
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn a_hole_that_the_log_has_too_waits_for_an_operator_and_nobody_else_does() {
    let house = House::new().await;
    house.light(&[("hall", 1)]).await;
    sqlx::query("UPDATE bus.sequences SET last = last + 2").execute(&house.publisher).await.unwrap();
    house.light(&[("hall", 4), ("yard", 1)]).await;
    let soon = |settings: bus::Settings| settings.hole_patience(Duration::from_millis(200));
    let instance = house.start(&Meter::default(), soon).await;
    let parked = house
        .until_parked("what is missing is said", |parked| parked.iter().any(|event| event.error.is_some()));
    let parked = parked.await;
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].subject.as_str(), parked[0].sequence), ("hall", 4));
    let error = "waits for 2 to 3, which neither the queue nor the event log has";
    assert_eq!(parked[0].error.as_deref(), Some(error));
    house.until_noted(2).await;
    assert_eq!(house.notes("yard").await, [1]);
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn a_log_that_no_longer_reaches_back_is_refused_unless_told() {
    let house = House::new().await;
    let instance = house.start(&Meter::default(), |settings| settings).await;
    house.light(&[("hall", 1)]).await;
    house.until_noted(1).await;
    // As if that had been long ago.
    let ago = "UPDATE bus.positions SET time = now() - interval '1 day'";
    delete(&house, "meter").await;
    until_down(&instance, "is missing").await;
    sqlx::query(ago).execute(&house.meter).await.unwrap();
    delete(&house, "event-log").await;
    topology(&house).await;
    until_down(&instance, "what lies between is lost to this service").await;
    house.light(&[("hall", 2)]).await;
    instance.stop().await;

    let instance = house.start(&Meter::default(), |settings| settings.accept_short_log(true)).await;
    house.until_noted(2).await;
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn a_projection_is_rebuilt_from_nothing() {
    let house = House::new().await;
    let meter = Meter::default();
    let instance = house.start(&meter, |settings| settings).await;
    house.light(&[("hall", 1), ("hall", 2), ("yard", 1)]).await;
    house.until_noted(3).await;
    let bus = house.open_meter().await;
    eventually("the running instance is seen", PATIENCE, async || {
        matches!(
            bus.rebuild(house.meter_service(), meter.clone()).await,
            Err(RebuildError::Running { instances: 1, .. })
        )
        .then_some(())
    })
    .await;
    instance.stop().await;
    sqlx::query("UPDATE notes SET watts = 0").execute(&house.meter).await.unwrap();

    let events = eventually("nobody runs", PATIENCE, async || {
        bus.rebuild(house.meter_service(), meter.clone()).await.ok()
    });
    assert_eq!(events.await, 4, "the porch's is there too");
    assert_eq!((house.notes("hall").await, house.notes("yard").await), (vec![1, 2], vec![1]));
    let instance = house.start(&meter, |settings| settings).await;
    house.light(&[("hall", 3)]).await;
    house.until_noted(5).await;
    assert_eq!(house.notes("hall").await, [1, 2, 3]);
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn a_rebuild_that_was_not_finished_keeps_the_service_from_working() {
    let house = House::new().await;
    house.light(&[("hall", 1), ("attic", 1)]).await;
    house.until_published().await;
    let hangs = Meter { deadly: Some("attic"), ..Meter::default() };
    let bus = house.open_meter().await;
    let service = house.meter_service().clone();
    let rebuilding = {
        let hangs = hangs.clone();
        tokio::spawn(async move { bus.rebuild(&service, hangs).await })
    };
    hangs.hangs.notified().await;
    rebuilding.abort();
    let instance = house.start(&Meter::default(), |settings| settings).await;
    until_down(&instance, "a rebuild of this service was begun and not finished").await;
    house.open_meter().await.rebuild(house.meter_service(), Meter::default()).await.unwrap();
    eventually("it is at work", PATIENCE, async || instance.health.is_up().then_some(())).await;
    house.until_noted(3).await;
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn positions_of_ended_subjects_are_forgotten_in_the_end() {
    let house = House::new().await;
    house.light(&[("hall", 1), ("yard", 1)]).await;
    house.publish(vec![RoomTornDown { room: "hall".into() }]).await;
    let instance = house.start(&Meter::default(), |settings| settings).await;
    let positions = "SELECT coalesce(sum(sequence), 0)::bigint FROM bus.positions";
    house.until_number(&house.meter, positions, 4).await;
    instance.stop().await;
    // The first look comes with the start.
    let at_once = |settings: bus::Settings| settings.ended_subjects_kept(Duration::ZERO);
    let instance = house.start(&Meter::default(), at_once).await;
    house.until_number(&house.meter, "SELECT count(*) FROM bus.positions", 2).await;
    house.publish(vec![LampLit { room: "yard".into(), watts: 2 }]).await;
    house.until_noted(3).await;
    assert_eq!(house.notes("yard").await, [1, 2], "the others stay");
    instance.stop().await;
    house.end().await;
}
