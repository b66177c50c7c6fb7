//! Dead letters are looked at and put back.

use cartwheel_bus::{Broker, DeadLetter, DeadLetters};
use lapin::BasicProperties;
use lapin::options::{BasicGetOptions, BasicPublishOptions, BasicRejectOptions};
use testkit::eventually;

use crate::fixture::{Fixture, TIMEOUT};

#[tokio::test]
async fn what_is_put_back_is_taken_once_and_what_is_no_event_becomes_a_dead_letter_again() {
    let fixture = Fixture::with_lone_events().await;
    fixture.place(&[("ann", 40), ("ben", 7)]).await;
    eventually("both are queued", TIMEOUT, async || (fixture.messages("billing").await == 2).then_some(()))
        .await;
    let channel = fixture.channel().await;
    // As if the broker had given up on them.
    for _ in 0..2 {
        let message = channel.basic_get("billing".into(), BasicGetOptions::default()).await.unwrap().unwrap();
        let options = BasicRejectOptions { requeue: false };
        message.delivery.acker.reject(options).await.unwrap();
    }
    let nonsense = channel.basic_publish(
        "".into(),
        "billing".into(),
        BasicPublishOptions::default(),
        b"no event",
        BasicProperties::default(),
    );
    nonsense.await.unwrap();

    let letters = DeadLetters::of("billing", Broker::new(fixture.space.amqp_admin_url(), "operator"));
    let instance = fixture.start(&fixture.handler, |settings| settings).await;
    let listed = eventually("all three are there", TIMEOUT, async || {
        let listed = letters.list(10).await.unwrap();
        (listed.len() == 3).then_some(listed)
    })
    .await;
    let place = |subject: &str| vec![("/orders/orders".to_owned(), subject.to_owned(), 1)];
    let of = |letter: &DeadLetter| (letter.reason.clone(), letter.events.clone());
    let reason = || "rejected".to_owned();
    let seen: Vec<_> = listed.iter().map(of).collect();
    for expected in [(reason(), place("ann")), (reason(), place("ben")), (reason(), Vec::new())] {
        assert!(seen.contains(&expected), "{expected:?} in {seen:?}");
    }
    assert_eq!(letters.list(2).await.unwrap().len(), 2);

    assert_eq!(letters.put_back(10).await.unwrap(), 3);
    fixture.until("ann", &[40]).await;
    fixture.until("ben", &[7]).await;
    eventually("the one that is no event is back", TIMEOUT, async || {
        let left = letters.list(10).await.unwrap();
        (left.len() == 1 && left[0].events.is_empty()).then_some(())
    })
    .await;
    assert!(fixture.doubled().await.is_empty());
    instance.stop().await;
    fixture.end().await;
}
