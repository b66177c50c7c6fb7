//! Events that kill the process, and those that only were there when it died.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod lamps;

use std::time::Duration;

use bus::Broker;
use lamps::{House, Meter};
use lapin::options::QueueDeleteOptions;

fn rooms(number: usize) -> Vec<String> {
    (0..number).map(|room| format!("room {room}")).collect()
}

#[tokio::test]
async fn a_message_that_kills_the_process_ends_up_parked_alone() {
    let house = House::new().await;
    let rooms = rooms(40);
    let mut lamps: Vec<(&str, i64)> = rooms.iter().map(|room| (room.as_str(), 40)).collect();
    lamps.insert(20, ("attic", 1));
    lamps.push(("attic", 2));
    house.light(&lamps).await;

    let meter = Meter { deadly: Some("attic"), ..Meter::default() };
    let mut deaths = 0;
    loop {
        let instance = house.start(&meter, |settings| settings).await;
        let given_up = house.until_parked("the deadly event is given up", |parked| {
            parked.iter().any(|event| event.state == "fatal")
        });
        tokio::select! {
            () = meter.hangs.notified() => deaths += 1,
            _ = given_up => {
                house.until_noted(40).await;
                instance.stop().await;
                break;
            }
        }
        instance.kill().await;
    }
    assert!((5..=8).contains(&deaths), "{deaths} deaths");
    let parked = house.parked().await;
    let states: Vec<_> =
        parked.iter().map(|event| (event.subject.as_str(), event.sequence, event.state.as_str())).collect();
    assert_eq!(states, [("attic", 1, "fatal"), ("attic", 2, "waiting")]);
    assert!(parked[0].error.as_deref().is_some_and(|error| error.contains("did not survive 5 tries")));
    assert!(house.doubled().await.is_empty());
    house.end().await;
}

#[tokio::test]
async fn events_that_were_there_at_many_deaths_are_taken_all_the_same() {
    let house = House::new().await;
    let rooms = rooms(30);
    house.light(&rooms.iter().map(|room| (room.as_str(), 40)).collect::<Vec<_>>()).await;
    let slow = Meter { deadly: Some("room 7"), ..Meter::default() };
    // It is killed while it has all of them in its hands, each time before it has looked at most of them.
    for _ in 0..4 {
        let instance = house.start(&slow, |settings| settings).await;
        slow.hangs.notified().await;
        instance.kill().await;
    }
    let instance = house.start(&Meter::default(), |settings| settings).await;
    house.until_noted(30).await;
    assert!(house.doubled().await.is_empty());
    assert!(house.parked().await.is_empty());
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn many_lost_connections_and_deploys_park_nothing() {
    let house = House::new().await;
    let meter = Meter::default();
    // Each deploy takes what it can; the lamps go on meanwhile.
    for lamp in 1..=12 {
        let instance = house.start(&meter, |settings| settings).await;
        house.light(&[("hall", lamp), ("attic", lamp)]).await;
        if lamp % 2 == 0 { instance.kill().await } else { instance.stop().await }
    }
    let instance = house.start(&meter, |settings| settings).await;
    house.until_noted(24).await;
    let expected: Vec<i64> = (1..=12).collect();
    assert_eq!((house.notes("hall").await, house.notes("attic").await), (expected.clone(), expected));
    assert!(house.parked().await.is_empty());
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn a_handler_that_fails_at_everything_pauses_its_consumer_instead_of_parking_the_queue() {
    let house = House::new().await;
    let rooms = rooms(3000);
    house.light(&rooms.iter().map(|room| (room.as_str(), 40)).collect::<Vec<_>>()).await;
    house.until_published().await;
    let meter = Meter::default();
    meter.broken.store(true, std::sync::atomic::Ordering::Relaxed);
    let instance = house.start(&meter, |settings| settings).await;
    let is_paused = |health: &bus::Health| matches!(health.state(), bus::State::Down(reason) if reason.contains("the handler fails"));
    testkit::eventually("the pause", lamps::PATIENCE, async || is_paused(&instance.health).then_some(()))
        .await;
    let parked = house.parked().await.len();
    assert!(parked < 3 * 256 + 1, "{parked} parked");
    testkit::eventually("the rest is in the queue again", lamps::PATIENCE, async || {
        (house.messages("meter").await as usize + parked >= 3000).then_some(())
    })
    .await;

    meter.broken.store(false, std::sync::atomic::Ordering::Relaxed);
    house.until_noted(3000).await;
    house.until_parked("nothing is left", <[bus::Parked]>::is_empty).await;
    assert!(house.doubled().await.is_empty());
    testkit::eventually("it is at work", Duration::from_mins(1), async || {
        instance.health.is_up().then_some(())
    })
    .await;
    instance.stop().await;
    house.end().await;
}

#[tokio::test]
async fn an_event_that_kills_the_process_that_catches_up_is_parked_alone_too() {
    let house = House::new().await;
    house.channel().await.queue_delete("meter".into(), QueueDeleteOptions::default()).await.unwrap();
    house.light(&[("hall", 1), ("attic", 1), ("yard", 1), ("attic", 2), ("yard", 2)]).await;
    house.until_published().await;
    house.topology.apply(&Broker::new(house.space.amqp_admin_url(), "topology")).await.unwrap();
    let meter = Meter { deadly: Some("attic"), ..Meter::default() };
    loop {
        let instance = house.start(&meter, |settings| settings).await;
        let given_up = house.until_parked("the deadly event is given up", |parked| {
            parked.iter().any(|event| event.state == "fatal")
        });
        tokio::select! {
            () = meter.hangs.notified() => instance.kill().await,
            _ = given_up => {
                house.until_noted(3).await;
                instance.stop().await;
                break;
            }
        }
    }
    assert_eq!(house.notes("yard").await, [1, 2]);
    assert_eq!(house.parked().await.len(), 2);
    house.end().await;
}
