//! What a queue lost comes back out of the event log.

use std::time::Duration;

use cartwheel_bus::{Bus, HealthState, RebuildError, Settings};
use lapin::options::BasicGetOptions;
use testkit::{eventually, turn_clock};

use crate::scene::{AccountClosed, Billing, Instance, OrderPlaced, Projection, Scene, TIMEOUT};

/// Longer than an event waits for the one before it until the event log is searched.
const GAP_TIMEOUT: Duration = Duration::from_mins(1);

async fn until_down(instance: &Instance, because: &str) {
    eventually(because, TIMEOUT, async || {
        matches!(instance.health.state(), HealthState::Down(reason) if reason.contains(because)).then_some(())
    })
    .await;
}

async fn open_billing(scene: &Scene) -> Bus {
    let settings = Settings::new("billing", &scene.broker_url("billing").await);
    Bus::open(settings, scene.billing_db.clone()).await.unwrap()
}

/// Takes the oldest message out of billing's queue, never to be seen again.
async fn lose_one(scene: &Scene) {
    let channel = scene.channel().await;
    let lost = eventually("a message", TIMEOUT, async || {
        channel.basic_get("billing".into(), BasicGetOptions { no_ack: true }).await.unwrap()
    });
    lost.await;
}

#[tokio::test]
async fn after_a_deleted_queue_nothing_is_missing() {
    let scene = Scene::with_relay().await;
    let instance = scene.start(&Billing::default(), |settings| settings).await;
    scene.place(&[("dan", 1), ("ann", 1)]).await;
    scene.until_invoiced(2).await;

    scene.delete_queue("billing").await;
    until_down(&instance, "queue 'billing' is missing on the broker: run `topology`").await;
    scene.place(&[("dan", 2), ("zoe", 1), ("dan", 3)]).await;
    scene.until_published().await;
    scene.apply().await;
    scene.place(&[("dan", 4)]).await;

    scene.until_invoiced(6).await;
    assert_eq!(scene.invoices("dan").await, [1, 2, 3, 4]);
    assert_eq!(scene.invoices("zoe").await, [1], "nothing came after it to show that it was missing");
    assert!(scene.doubled().await.is_empty());
    eventually("it is at work", TIMEOUT, async || instance.health.is_up().then_some(())).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_consumer_that_dies_while_it_catches_up_leaves_nothing_out() {
    let scene = Scene::with_relay().await;
    let instance = scene.start(&Billing::default(), |settings| settings).await;
    scene.place(&[("dan", 1)]).await;
    scene.until_invoiced(1).await;
    scene.delete_queue("billing").await;
    until_down(&instance, "is missing").await;
    instance.stop().await;
    scene.place(&[("zoe", 1), ("ann", 1), ("dan", 2)]).await;
    scene.until_published().await;
    scene.apply().await;

    let hangs = Billing { hangs_at: Some("ann"), ..Billing::default() };
    let instance = scene.start(&hangs, |settings| settings).await;
    hangs.hanging.notified().await;
    instance.kill().await;
    let instance = scene.start(&Billing::default(), |settings| settings).await;
    scene.until_invoiced(4).await;
    assert!(scene.doubled().await.is_empty());
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_gap_is_closed_from_the_event_log() {
    let scene = Scene::with_relay().await;
    scene.place(&[("dan", 1), ("dan", 2)]).await;
    scene.until_published().await;
    lose_one(&scene).await;
    let instance = scene.start(&Billing::default(), |settings| settings).await;
    scene.parked(1).await;
    turn_clock(&scene.billing_db, GAP_TIMEOUT).await;
    scene.until_invoiced(2).await;
    assert_eq!(scene.invoices("dan").await, [1, 2]);
    scene.until_parked("nothing waits", <[cartwheel_bus::parking::Parked]>::is_empty).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_gap_that_the_log_has_too_waits_for_an_operator_and_nobody_else_does() {
    let scene = Scene::with_relay().await;
    scene.place(&[("dan", 1)]).await;
    sqlx::query("UPDATE bus.sequences SET last = last + 2").execute(&scene.orders_db).await.unwrap();
    scene.place(&[("dan", 4), ("zoe", 1)]).await;
    let instance = scene.start(&Billing::default(), |settings| settings).await;
    scene.parked(1).await;
    turn_clock(&scene.billing_db, GAP_TIMEOUT).await;
    let is_said =
        |parked: &[cartwheel_bus::parking::Parked]| parked.iter().any(|event| event.error.is_some());
    let parked = scene.until_parked("the error says what is missing", is_said).await;
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].subject.as_str(), parked[0].sequence), ("dan", 4));
    let error = "waits for 2 to 3, which neither the queue nor the event log has";
    assert_eq!(parked[0].error.as_deref(), Some(error));
    scene.until_invoiced(2).await;
    assert_eq!(scene.invoices("zoe").await, [1]);
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_log_that_no_longer_reaches_back_is_refused_unless_allowed() {
    let scene = Scene::with_relay().await;
    let instance = scene.start(&Billing::default(), |settings| settings).await;
    scene.place(&[("dan", 1)]).await;
    scene.until_invoiced(1).await;
    // As if that had been long ago.
    let ago = "UPDATE bus.positions SET time = now() - interval '1 day'";
    scene.delete_queue("billing").await;
    until_down(&instance, "is missing").await;
    sqlx::query(ago).execute(&scene.billing_db).await.unwrap();
    scene.delete_queue("event-log").await;
    scene.apply().await;
    until_down(&instance, "what lies between is lost to this service").await;
    scene.place(&[("dan", 2)]).await;
    instance.stop().await;

    let instance = scene.start(&Billing::default(), |settings| settings.accept_short_log(true)).await;
    scene.until_invoiced(2).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_projection_is_rebuilt_from_nothing() {
    let scene = Scene::with_relay().await;
    let billing = Projection::default();
    let instance = scene.start(&billing, |settings| settings).await;
    scene.place(&[("dan", 1), ("dan", 2), ("zoe", 1)]).await;
    scene.until_invoiced(3).await;
    let bus = open_billing(&scene).await;
    eventually("the running instance is seen", TIMEOUT, async || {
        matches!(
            bus.rebuild(scene.service("billing"), billing.clone()).await,
            Err(RebuildError::Running { instances: 1, .. })
        )
        .then_some(())
    })
    .await;
    instance.stop().await;
    sqlx::query("UPDATE invoices SET amount = 0").execute(&scene.billing_db).await.unwrap();

    let events = eventually("nobody runs", TIMEOUT, async || {
        bus.rebuild(scene.service("billing"), billing.clone()).await.ok()
    });
    assert_eq!(events.await, 4, "the order of gus is there too");
    assert_eq!((scene.invoices("dan").await, scene.invoices("zoe").await), (vec![1, 2], vec![1]));
    let instance = scene.start(&billing, |settings| settings).await;
    scene.place(&[("dan", 3)]).await;
    scene.until_invoiced(5).await;
    assert_eq!(scene.invoices("dan").await, [1, 2, 3]);
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_rebuild_that_was_not_finished_keeps_the_service_from_working() {
    let scene = Scene::with_relay().await;
    scene.place(&[("dan", 1), ("ann", 1)]).await;
    scene.until_published().await;
    let hangs = Projection { hangs_at: Some("ann"), ..Projection::default() };
    let bus = open_billing(&scene).await;
    let service = scene.service("billing").clone();
    let rebuilding = {
        let hangs = hangs.clone();
        tokio::spawn(async move { bus.rebuild(&service, hangs).await })
    };
    hangs.hanging.notified().await;
    rebuilding.abort();
    let instance = scene.start(&Projection::default(), |settings| settings).await;
    until_down(&instance, "a rebuild of this service was started and not finished").await;
    open_billing(&scene).await.rebuild(scene.service("billing"), Projection::default()).await.unwrap();
    eventually("it is at work", TIMEOUT, async || instance.health.is_up().then_some(())).await;
    scene.until_invoiced(3).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn positions_of_ended_subjects_are_forgotten_in_the_end() {
    let scene = Scene::with_relay().await;
    scene.place(&[("dan", 1), ("zoe", 1)]).await;
    scene.publish(AccountClosed { customer: "dan".into() }).await;
    let instance = scene.start(&Billing::default(), |settings| settings).await;
    let positions = "SELECT coalesce(sum(sequence), 0)::bigint FROM bus.positions";
    scene.until_number(&scene.billing_db, positions, 4).await;
    instance.stop().await;
    // Positions are pruned at the start, too.
    turn_clock(&scene.billing_db, Duration::from_hours(36 * 24)).await;
    let instance = scene.start(&Billing::default(), |settings| settings).await;
    scene.until_number(&scene.billing_db, "SELECT count(*) FROM bus.positions", 2).await;
    scene.publish(OrderPlaced { customer: "zoe".into(), amount: 2 }).await;
    scene.until_invoiced(3).await;
    assert_eq!(scene.invoices("zoe").await, [1, 2], "the others stay");
    instance.stop().await;
    scene.end_without_dead_letters().await;
}
