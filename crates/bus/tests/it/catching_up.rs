//! What a queue lost comes back out of the event log.

use std::time::Duration;

use bus::{Bus, RebuildError, Settings, State};
use lapin::options::BasicGetOptions;
use testkit::eventually;

use crate::scene::{Instance, LampLit, Meter, PATIENCE, Projection, RoomTornDown, Scene};

async fn until_down(instance: &Instance, because: &str) {
    eventually(because, PATIENCE, async || {
        matches!(instance.health.state(), State::Down(reason) if reason.contains(because)).then_some(())
    })
    .await;
}

async fn open_meter(scene: &Scene) -> Bus {
    let settings = Settings::new("meter", &scene.broker_url("meter").await);
    Bus::open(settings, scene.meter.clone()).await.unwrap()
}

/// Takes the oldest message out of the meter's queue, never to be seen again.
async fn lose_one(scene: &Scene) {
    let channel = scene.channel().await;
    let lost = eventually("a message", PATIENCE, async || {
        channel.basic_get("meter".into(), BasicGetOptions { no_ack: true }).await.unwrap()
    });
    lost.await;
}

#[tokio::test]
async fn after_a_deleted_queue_nothing_is_missing() {
    let scene = Scene::with_house().await;
    let instance = scene.start(&Meter::default(), |settings| settings).await;
    scene.light(&[("hall", 1), ("attic", 1)]).await;
    scene.until_noted(2).await;

    scene.delete_queue("meter").await;
    until_down(&instance, "queue 'meter' is missing on the broker: run `topology`").await;
    scene.light(&[("hall", 2), ("yard", 1), ("hall", 3)]).await;
    scene.until_published().await;
    scene.apply().await;
    scene.light(&[("hall", 4)]).await;

    scene.until_noted(6).await;
    assert_eq!(scene.notes("hall").await, [1, 2, 3, 4]);
    assert_eq!(scene.notes("yard").await, [1], "nothing came after it to show that it was missing");
    assert!(scene.doubled().await.is_empty());
    eventually("it is at work", PATIENCE, async || instance.health.is_up().then_some(())).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_consumer_that_dies_while_it_catches_up_leaves_nothing_out() {
    let scene = Scene::with_house().await;
    let instance = scene.start(&Meter::default(), |settings| settings).await;
    scene.light(&[("hall", 1)]).await;
    scene.until_noted(1).await;
    scene.delete_queue("meter").await;
    until_down(&instance, "is missing").await;
    instance.stop().await;
    scene.light(&[("yard", 1), ("attic", 1), ("hall", 2)]).await;
    scene.until_published().await;
    scene.apply().await;

    let hangs = Meter { deadly: Some("attic"), ..Meter::default() };
    let instance = scene.start(&hangs, |settings| settings).await;
    hangs.hangs.notified().await;
    instance.kill().await;
    let instance = scene.start(&Meter::default(), |settings| settings).await;
    scene.until_noted(4).await;
    assert!(scene.doubled().await.is_empty());
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_hole_is_closed_from_the_event_log() {
    let scene = Scene::with_house().await;
    scene.light(&[("hall", 1), ("hall", 2)]).await;
    scene.until_published().await;
    lose_one(&scene).await;
    let soon = |settings: Settings| settings.hole_patience(Duration::from_millis(200));
    let instance = scene.start(&Meter::default(), soon).await;
    scene.until_noted(2).await;
    assert_eq!(scene.notes("hall").await, [1, 2]);
    scene.until_parked("nothing waits", <[bus::Parked]>::is_empty).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_hole_that_the_log_has_too_waits_for_an_operator_and_nobody_else_does() {
    let scene = Scene::with_house().await;
    scene.light(&[("hall", 1)]).await;
    sqlx::query("UPDATE bus.sequences SET last = last + 2").execute(&scene.house).await.unwrap();
    scene.light(&[("hall", 4), ("yard", 1)]).await;
    let soon = |settings: Settings| settings.hole_patience(Duration::from_millis(200));
    let instance = scene.start(&Meter::default(), soon).await;
    let is_said = |parked: &[bus::Parked]| parked.iter().any(|event| event.error.is_some());
    let parked = scene.until_parked("what is missing is said", is_said).await;
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].subject.as_str(), parked[0].sequence), ("hall", 4));
    let error = "waits for 2 to 3, which neither the queue nor the event log has";
    assert_eq!(parked[0].error.as_deref(), Some(error));
    scene.until_noted(2).await;
    assert_eq!(scene.notes("yard").await, [1]);
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_log_that_no_longer_reaches_back_is_refused_unless_told() {
    let scene = Scene::with_house().await;
    let instance = scene.start(&Meter::default(), |settings| settings).await;
    scene.light(&[("hall", 1)]).await;
    scene.until_noted(1).await;
    // As if that had been long ago.
    let ago = "UPDATE bus.positions SET time = now() - interval '1 day'";
    scene.delete_queue("meter").await;
    until_down(&instance, "is missing").await;
    sqlx::query(ago).execute(&scene.meter).await.unwrap();
    scene.delete_queue("event-log").await;
    scene.apply().await;
    until_down(&instance, "what lies between is lost to this service").await;
    scene.light(&[("hall", 2)]).await;
    instance.stop().await;

    let instance = scene.start(&Meter::default(), |settings| settings.accept_short_log(true)).await;
    scene.until_noted(2).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_projection_is_rebuilt_from_nothing() {
    let scene = Scene::with_house().await;
    let meter = Projection::default();
    let instance = scene.start(&meter, |settings| settings).await;
    scene.light(&[("hall", 1), ("hall", 2), ("yard", 1)]).await;
    scene.until_noted(3).await;
    let bus = open_meter(&scene).await;
    eventually("the running instance is seen", PATIENCE, async || {
        matches!(
            bus.rebuild(scene.service("meter"), meter.clone()).await,
            Err(RebuildError::Running { instances: 1, .. })
        )
        .then_some(())
    })
    .await;
    instance.stop().await;
    sqlx::query("UPDATE notes SET watts = 0").execute(&scene.meter).await.unwrap();

    let events = eventually("nobody runs", PATIENCE, async || {
        bus.rebuild(scene.service("meter"), meter.clone()).await.ok()
    });
    assert_eq!(events.await, 4, "the porch's is there too");
    assert_eq!((scene.notes("hall").await, scene.notes("yard").await), (vec![1, 2], vec![1]));
    let instance = scene.start(&meter, |settings| settings).await;
    scene.light(&[("hall", 3)]).await;
    scene.until_noted(5).await;
    assert_eq!(scene.notes("hall").await, [1, 2, 3]);
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_rebuild_that_was_not_finished_keeps_the_service_from_working() {
    let scene = Scene::with_house().await;
    scene.light(&[("hall", 1), ("attic", 1)]).await;
    scene.until_published().await;
    let hangs = Projection { deadly: Some("attic"), ..Projection::default() };
    let bus = open_meter(&scene).await;
    let service = scene.service("meter").clone();
    let rebuilding = {
        let hangs = hangs.clone();
        tokio::spawn(async move { bus.rebuild(&service, hangs).await })
    };
    hangs.hangs.notified().await;
    rebuilding.abort();
    let instance = scene.start(&Projection::default(), |settings| settings).await;
    until_down(&instance, "a rebuild of this service was begun and not finished").await;
    open_meter(&scene).await.rebuild(scene.service("meter"), Projection::default()).await.unwrap();
    eventually("it is at work", PATIENCE, async || instance.health.is_up().then_some(())).await;
    scene.until_noted(3).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn positions_of_ended_subjects_are_forgotten_in_the_end() {
    let scene = Scene::with_house().await;
    scene.light(&[("hall", 1), ("yard", 1)]).await;
    scene.publish(RoomTornDown { room: "hall".into() }).await;
    let instance = scene.start(&Meter::default(), |settings| settings).await;
    let positions = "SELECT coalesce(sum(sequence), 0)::bigint FROM bus.positions";
    scene.until_number(&scene.meter, positions, 4).await;
    instance.stop().await;
    // The first look comes with the start.
    let at_once = |settings: Settings| settings.ended_subjects_kept(Duration::ZERO);
    let instance = scene.start(&Meter::default(), at_once).await;
    scene.until_number(&scene.meter, "SELECT count(*) FROM bus.positions", 2).await;
    scene.publish(LampLit { room: "yard".into(), watts: 2 }).await;
    scene.until_noted(3).await;
    assert_eq!(scene.notes("yard").await, [1, 2], "the others stay");
    instance.stop().await;
    scene.end_without_dead_letters().await;
}
