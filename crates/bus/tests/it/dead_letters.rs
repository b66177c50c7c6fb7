//! Dead letters are looked at and put back.

use cartwheel_bus::{Broker, DeadLetter, DeadLetters, SettledDeadLetters};
use lapin::BasicProperties;
use lapin::options::{BasicGetOptions, BasicPublishOptions, BasicRejectOptions};
use testkit::eventually;

use crate::fixture::{Fixture, TIMEOUT};

/// The broker has given up on two events, and somebody has published what is no event.
async fn two_events_and_nonsense() -> Fixture {
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
    fixture
}

#[tokio::test]
async fn what_is_put_back_is_taken_once_and_what_is_no_event_becomes_a_dead_letter_again() {
    let fixture = two_events_and_nonsense().await;
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

/// With the rights of the service's own user, which may publish to no queue.
#[tokio::test]
async fn a_service_takes_its_own_back_one_by_one_or_all_and_discards_what_is_no_event() {
    let mut fixture = two_events_and_nonsense().await;
    let billing = fixture.bus("billing").await;
    let instance = fixture.start(&fixture.handler, |settings| settings).await;
    let letters = billing.dead_letters();
    let listed = eventually("all three are there", TIMEOUT, async || {
        let listed = letters.list(10).await.unwrap();
        (listed.len() == 3).then_some(listed)
    })
    .await;
    let of =
        |subject: &str| listed.iter().find(|letter| letter.events.iter().any(|(_, of, _)| of == subject));
    let (ann, nonsense) =
        (of("ann").unwrap(), listed.iter().find(|letter| letter.events.is_empty()).unwrap());

    let opened = letters.open(&ann.id).await.unwrap().unwrap();
    assert_eq!(&opened.letter, ann);
    assert!(ann.since.is_some() && opened.body.starts_with(b"{"), "{opened:?}");
    assert!(opened.headers.contains(&("subject".to_owned(), "ann".to_owned())), "{:?}", opened.headers);
    assert_eq!(letters.open("none of them").await.unwrap(), None);

    assert_eq!(letters.take_back(Some(&ann.id)).await.unwrap(), settled(1, 0));
    fixture.until("ann", &[40]).await;
    assert_eq!(letters.take_back(Some(&ann.id)).await.unwrap(), settled(0, 0), "it is there no more");
    // What is no event stays, whatever was meant.
    assert_eq!(letters.take_back(None).await.unwrap(), settled(1, 1));
    fixture.until("ben", &[7]).await;
    assert_eq!(letters.list(10).await.unwrap().len(), 1);
    assert_eq!(letters.discard(Some(&nonsense.id)).await.unwrap(), settled(1, 0));
    assert!(letters.list(10).await.unwrap().is_empty());
    assert!(fixture.doubled().await.is_empty());
    instance.stop().await;
    fixture.end().await;
}

fn settled(settled: usize, left: usize) -> SettledDeadLetters {
    SettledDeadLetters { settled, left }
}
