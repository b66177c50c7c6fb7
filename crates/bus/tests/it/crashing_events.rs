//! Events that kill the process, and those that only were there when it died.

use crate::scene::{Meter, PATIENCE, Scene};

fn rooms(number: usize) -> Vec<String> {
    (0..number).map(|room| format!("room {room}")).collect()
}

#[tokio::test]
async fn a_message_that_kills_the_process_ends_up_parked_alone() {
    let scene = Scene::with_house().await;
    let rooms = rooms(40);
    let mut lamps: Vec<(&str, i64)> = rooms.iter().map(|room| (room.as_str(), 40)).collect();
    lamps.insert(20, ("attic", 1));
    lamps.push(("attic", 2));
    scene.light(&lamps).await;

    let meter = Meter { deadly: Some("attic"), ..Meter::default() };
    let mut deaths = 0;
    loop {
        let instance = scene.start(&meter, |settings| settings).await;
        let given_up = scene.until_parked("the deadly event is given up", |parked| {
            parked.iter().any(|event| event.state == "fatal")
        });
        tokio::select! {
            () = meter.hangs.notified() => deaths += 1,
            _ = given_up => {
                scene.until_noted(40).await;
                instance.stop().await;
                break;
            }
        }
        instance.kill().await;
    }
    assert!((5..=8).contains(&deaths), "{deaths} deaths");
    let parked = scene.parked_now().await;
    let states: Vec<_> =
        parked.iter().map(|event| (event.subject.as_str(), event.sequence, event.state.as_str())).collect();
    assert_eq!(states, [("attic", 1, "fatal"), ("attic", 2, "waiting")]);
    assert!(parked[0].error.as_deref().is_some_and(|error| error.contains("did not survive 5 tries")));
    assert!(scene.doubled().await.is_empty());
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn events_that_were_there_at_many_deaths_are_taken_all_the_same() {
    let scene = Scene::with_house().await;
    let rooms = rooms(30);
    scene.light(&rooms.iter().map(|room| (room.as_str(), 40)).collect::<Vec<_>>()).await;
    let slow = Meter { deadly: Some("room 7"), ..Meter::default() };
    // It is killed while it has all of them in its hands, each time before it has looked at most of them.
    for _ in 0..4 {
        let instance = scene.start(&slow, |settings| settings).await;
        slow.hangs.notified().await;
        instance.kill().await;
    }
    let instance = scene.start(&Meter::default(), |settings| settings).await;
    scene.until_noted(30).await;
    assert!(scene.doubled().await.is_empty());
    assert!(scene.parked_now().await.is_empty());
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn many_lost_connections_and_deploys_park_nothing() {
    let scene = Scene::with_house().await;
    let meter = Meter::default();
    // Each deploy takes what it can; the lamps go on meanwhile.
    for lamp in 1..=12 {
        let instance = scene.start(&meter, |settings| settings).await;
        scene.light(&[("hall", lamp), ("attic", lamp)]).await;
        if lamp % 2 == 0 { instance.kill().await } else { instance.stop().await }
    }
    let instance = scene.start(&meter, |settings| settings).await;
    scene.until_noted(24).await;
    let expected: Vec<i64> = (1..=12).collect();
    assert_eq!((scene.notes("hall").await, scene.notes("attic").await), (expected.clone(), expected));
    assert!(scene.parked_now().await.is_empty());
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_handler_that_fails_at_everything_pauses_its_consumer_instead_of_parking_the_queue() {
    let scene = Scene::with_house().await;
    let rooms = rooms(3000);
    scene.light(&rooms.iter().map(|room| (room.as_str(), 40)).collect::<Vec<_>>()).await;
    scene.until_published().await;
    let meter = Meter::default();
    meter.broken.store(true, std::sync::atomic::Ordering::Relaxed);
    let instance = scene.start(&meter, |settings| settings).await;
    let is_paused = |health: &bus::Health| matches!(health.state(), bus::State::Down(reason) if reason.contains("the handler fails"));
    testkit::eventually("the pause", PATIENCE, async || is_paused(&instance.health).then_some(())).await;
    let parked = scene.parked_now().await.len();
    assert!(parked < 3 * 256 + 1, "{parked} parked");
    testkit::eventually("the rest is in the queue again", PATIENCE, async || {
        (scene.messages("meter").await as usize + parked >= 3000).then_some(())
    })
    .await;

    meter.broken.store(false, std::sync::atomic::Ordering::Relaxed);
    scene.until_noted(3000).await;
    scene.until_parked("nothing is left", <[bus::Parked]>::is_empty).await;
    assert!(scene.doubled().await.is_empty());
    testkit::eventually("it is at work", PATIENCE, async || instance.health.is_up().then_some(())).await;
    instance.stop().await;
    scene.end_without_dead_letters().await;
}

#[tokio::test]
async fn an_event_that_kills_the_process_that_catches_up_is_parked_alone_too() {
    let scene = Scene::with_house().await;
    scene.delete_queue("meter").await;
    scene.light(&[("hall", 1), ("attic", 1), ("yard", 1), ("attic", 2), ("yard", 2)]).await;
    scene.until_published().await;
    scene.apply().await;
    let meter = Meter { deadly: Some("attic"), ..Meter::default() };
    loop {
        let instance = scene.start(&meter, |settings| settings).await;
        let given_up = scene.until_parked("the deadly event is given up", |parked| {
            parked.iter().any(|event| event.state == "fatal")
        });
        tokio::select! {
            () = meter.hangs.notified() => instance.kill().await,
            _ = given_up => {
                scene.until_noted(3).await;
                instance.stop().await;
                break;
            }
        }
    }
    assert_eq!(scene.notes("yard").await, [1, 2]);
    assert_eq!(scene.parked_now().await.len(), 2);
    scene.end_without_dead_letters().await;
}
