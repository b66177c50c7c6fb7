//! Events that crash the process, and those that were merely there when it crashed.

use crate::fixture::{Billing, Fixture, TIMEOUT};

fn customers(number: usize) -> Vec<String> {
    (0..number).map(|customer| format!("customer {customer}")).collect()
}

#[tokio::test]
async fn a_message_that_crashes_the_process_ends_up_parked_alone() {
    let fixture = Fixture::with_relay().await;
    let customers = customers(40);
    let mut orders: Vec<(&str, i64)> = customers.iter().map(|customer| (customer.as_str(), 40)).collect();
    orders.insert(20, ("ann", 1));
    orders.push(("ann", 2));
    fixture.place(&orders).await;

    let billing = Billing { hangs_at: Some("ann"), ..Billing::default() };
    let mut crashes = 0;
    loop {
        let instance = fixture.start(&billing, |settings| settings).await;
        let given_up = fixture.until_parked("the fatal event is given up", |parked| {
            parked.iter().any(|event| event.state == "fatal")
        });
        tokio::select! {
            () = billing.hanging.notified() => crashes += 1,
            _ = given_up => {
                fixture.until_invoiced(40).await;
                instance.stop().await;
                break;
            }
        }
        instance.kill().await;
    }
    assert!((5..=8).contains(&crashes), "{crashes} crashes");
    let parked = fixture.parked_now().await;
    let states: Vec<_> =
        parked.iter().map(|event| (event.subject.as_str(), event.sequence, event.state.as_str())).collect();
    assert_eq!(states, [("ann", 1, "fatal"), ("ann", 2, "waiting")]);
    assert!(parked[0].error.as_deref().is_some_and(|error| error.contains("crashed in all 5 attempts")));
    assert!(fixture.doubled().await.is_empty());
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn events_that_were_there_at_many_crashes_are_taken_all_the_same() {
    let fixture = Fixture::with_relay().await;
    let customers = customers(30);
    fixture.place(&customers.iter().map(|customer| (customer.as_str(), 40)).collect::<Vec<_>>()).await;
    let slow = Billing { hangs_at: Some("customer 7"), ..Billing::default() };
    // It is killed while it holds all of them, each time before it has looked at most of them.
    for _ in 0..4 {
        let instance = fixture.start(&slow, |settings| settings).await;
        slow.hanging.notified().await;
        instance.kill().await;
    }
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until_invoiced(30).await;
    assert!(fixture.doubled().await.is_empty());
    assert!(fixture.parked_now().await.is_empty());
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn many_lost_connections_and_deploys_park_nothing() {
    let fixture = Fixture::with_relay().await;
    let billing = Billing::default();
    // Each deploy takes what it can; orders are placed meanwhile.
    for order in 1..=12 {
        let instance = fixture.start(&billing, |settings| settings).await;
        fixture.place(&[("dan", order), ("ann", order)]).await;
        if order % 2 == 0 { instance.kill().await } else { instance.stop().await }
    }
    let instance = fixture.start(&billing, |settings| settings).await;
    fixture.until_invoiced(24).await;
    let expected: Vec<i64> = (1..=12).collect();
    assert_eq!((fixture.invoices("dan").await, fixture.invoices("ann").await), (expected.clone(), expected));
    assert!(fixture.parked_now().await.is_empty());
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_handler_that_fails_at_everything_pauses_its_consumer_instead_of_parking_the_queue() {
    let fixture = Fixture::with_lone_events().await;
    let customers = customers(3000);
    fixture.place(&customers.iter().map(|customer| (customer.as_str(), 40)).collect::<Vec<_>>()).await;
    fixture.until_published().await;
    let billing = Billing::default();
    billing.broken.store(true, std::sync::atomic::Ordering::Relaxed);
    let instance = fixture.start(&billing, |settings| settings).await;
    let is_paused = |health: &cartwheel_bus::Health| matches!(health.state(), cartwheel_bus::HealthState::Down(reason) if reason.contains("the handler fails"));
    testkit::eventually("the pause", TIMEOUT, async || is_paused(&instance.health).then_some(())).await;
    let parked = fixture.parked_now().await.len();
    assert!(parked < 3 * 256 + 1, "{parked} parked");
    testkit::eventually("the rest is in the queue again", TIMEOUT, async || {
        (fixture.messages("billing").await as usize + parked >= 3000).then_some(())
    })
    .await;

    billing.broken.store(false, std::sync::atomic::Ordering::Relaxed);
    fixture.until_invoiced(3000).await;
    fixture.until_parked("nothing is left", <[cartwheel_bus::parking::Parked]>::is_empty).await;
    assert!(fixture.doubled().await.is_empty());
    testkit::eventually("it is at work", TIMEOUT, async || instance.health.is_up().then_some(())).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn an_event_that_crashes_the_process_that_catches_up_is_parked_alone_too() {
    let fixture = Fixture::with_relay().await;
    fixture.delete_queue("billing").await;
    fixture.place(&[("dan", 1), ("ann", 1), ("zoe", 1), ("ann", 2), ("zoe", 2)]).await;
    fixture.until_published().await;
    fixture.apply().await;
    let billing = Billing { hangs_at: Some("ann"), ..Billing::default() };
    loop {
        let instance = fixture.start(&billing, |settings| settings).await;
        let given_up = fixture.until_parked("the fatal event is given up", |parked| {
            parked.iter().any(|event| event.state == "fatal")
        });
        tokio::select! {
            () = billing.hanging.notified() => instance.kill().await,
            _ = given_up => {
                fixture.until_invoiced(3).await;
                instance.stop().await;
                break;
            }
        }
    }
    assert_eq!(fixture.invoices("zoe").await, [1, 2]);
    assert_eq!(fixture.parked_now().await.len(), 2);
    fixture.end_without_dead_letters().await;
}
