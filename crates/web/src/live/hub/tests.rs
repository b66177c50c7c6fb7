use super::*;

const MOST: Most = Most { all: 9, of_a_client: 0 };

fn topic(sku: &str) -> Topic {
    Topic::Product(sku.into())
}

fn moment(offset: i64, sku: &str) -> Moment {
    let position = LogPosition { offset, index: 0 };
    Moment { position, topic: topic(sku), message: Bytes::from(offset.to_string()), hold: None }
}

#[tokio::test]
async fn each_is_told_what_it_follows_and_nothing_else() {
    let hub = Hub::default();
    let mut a = hub.follow(vec![topic("a")], None, None, MOST).unwrap();
    let mut both = hub.follow(vec![topic("a"), topic("b")], None, None, MOST).unwrap();
    hub.publish(vec![moment(1, "a"), moment(2, "b"), moment(3, "c")]);
    assert_eq!(a.receiver.recv().await.unwrap(), "1");
    assert_eq!(
        (both.receiver.recv().await.unwrap(), both.receiver.recv().await.unwrap()),
        ("1".into(), "2".into())
    );
    assert!(a.receiver.try_recv().is_err() && both.receiver.try_recv().is_err());
}

#[tokio::test]
async fn a_slow_reader_is_dropped_and_the_others_are_not() {
    let hub = Hub::default();
    let mut slow = hub.follow(vec![topic("a")], None, None, MOST).unwrap();
    let mut quick = hub.follow(vec![topic("a")], None, None, MOST).unwrap();
    for offset in 0..=i64::try_from(WAITING).unwrap() {
        hub.publish(vec![moment(offset, "a")]);
        assert!(quick.receiver.recv().await.is_some());
    }
    let mut received = 0;
    while slow.receiver.recv().await.is_some() {
        received += 1;
    }
    assert_eq!(received, WAITING);
    drop(slow);
    assert_eq!(lock(&hub.0).streams, 1);
}

#[tokio::test]
async fn who_is_too_slow_for_one_of_its_topics_is_dropped_from_all() {
    let hub = Hub::default();
    let mut slow = hub.follow(vec![topic("a"), topic("b")], None, None, MOST).unwrap();
    for offset in 0..=i64::try_from(WAITING).unwrap() {
        hub.publish(vec![moment(offset, "a")]);
    }
    hub.publish(vec![moment(100, "b")]);
    for _ in 0..WAITING {
        assert_ne!(slow.receiver.recv().await.unwrap(), "100");
    }
    assert_eq!(slow.receiver.recv().await, None, "it comes back, and gets what it missed");
}

#[tokio::test]
async fn who_comes_back_from_a_log_that_was_deleted_begins_with_the_state_and_hears_what_follows() {
    let hub = Hub::default();
    hub.publish(vec![moment(4711, "a")]);
    let mut before = hub.follow(vec![topic("a")], None, None, MOST).unwrap();
    hub.forget();
    hub.reach(LogPosition { offset: 3, index: 0 });
    assert_eq!(before.receiver.recv().await, None);
    let mut again =
        hub.follow(vec![topic("a")], Some(LogPosition { offset: 4711, index: 0 }), None, MOST).unwrap();
    assert_eq!(again.missed, None);
    hub.publish(vec![moment(4, "a")]);
    assert_eq!(again.receiver.recv().await.unwrap(), "4");
}

#[tokio::test]
async fn who_comes_from_a_deleted_log_to_an_instance_that_never_knew_it_looks_at_the_state_again() {
    let hub = Hub::default();
    hub.reach(LogPosition { offset: 3, index: 0 });
    let since = LogPosition { offset: 4711, index: 0 };
    let mut reader = hub.follow(vec![topic("a")], Some(since), None, MOST).unwrap();
    hub.publish(vec![moment(4, "a")]);
    assert!(reader.receiver.try_recv().is_err(), "this instance may be behind the other one");
    lock(&hub.0).readers.values_mut().for_each(|reader| reader.since -= BEHIND);
    hub.publish(vec![moment(5, "a"), moment(6, "a")]);
    assert_eq!(reader.receiver.recv().await, Some(message::reset()));
    assert_eq!(reader.receiver.recv().await.unwrap(), "6");
}

#[tokio::test]
async fn who_comes_back_gets_what_it_missed_and_then_what_follows() {
    let hub = Hub::default();
    hub.publish(vec![moment(1, "a"), moment(2, "a")]);
    let mut again =
        hub.follow(vec![topic("a")], Some(LogPosition { offset: 1, index: 0 }), None, MOST).unwrap();
    hub.publish(vec![moment(3, "a")]);
    assert_eq!(again.missed.take(), Some(vec!["2".into()]));
    assert_eq!(again.receiver.recv().await.unwrap(), "3");
}

#[tokio::test]
async fn an_instance_that_reads_the_log_from_before_tells_nothing_twice() {
    let hub = Hub::default();
    let mut early =
        hub.follow(vec![topic("a")], Some(LogPosition { offset: 2, index: 0 }), None, MOST).unwrap();
    hub.publish(vec![moment(1, "a"), moment(2, "a"), moment(3, "a")]);
    assert_eq!(early.receiver.recv().await.unwrap(), "3");
}

#[test]
fn there_are_no_more_streams_than_allowed_and_nothing_is_left_of_those_that_ended() {
    let hub = Hub::default();
    let follow = |client: Option<&str>| {
        let client = client.map(|client| client.parse().unwrap());
        hub.follow(vec![topic("a")], None, client, Most { all: 3, of_a_client: 1 })
    };
    let first = follow(Some("192.0.2.1")).unwrap();
    assert_eq!(follow(Some("192.0.2.1")).err(), Some(TooMany::OfThisClient));
    let (other, local) = (follow(Some("192.0.2.2")).unwrap(), follow(None).unwrap());
    assert_eq!(follow(Some("192.0.2.3")).err(), Some(TooMany::OfAll));
    drop(first);
    let again = follow(Some("192.0.2.1")).unwrap();
    drop((other, local, again));
    assert!(lock(&hub.0).by_topic.is_empty() && lock(&hub.0).of_clients.is_empty());
}
