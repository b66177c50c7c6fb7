//! Who follows what. One lock guards it: an event wakes only those who follow its topic, and none of them is waited for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::Instant;
use uuid::Uuid;

use super::moment::{Hold, Moment};
use super::place::Place;
use super::recent::Recent;
use super::topic::Topic;

/// How many messages may wait for a reader. Who is that far behind is dropped, and comes back with what it had last.
const WAITING: usize = 64;

/// All who follow something.
#[derive(Default)]
pub struct Hub(Arc<Mutex<Followers>>);

#[derive(Default)]
struct Followers {
    by_topic: HashMap<Topic, Vec<Follower>>,
    recent: Recent,
    streams: usize,
    next_id: u64,
}

struct Follower {
    id: u64,
    /// What it has already, should this instance read the log from before that.
    has: Option<Place>,
    sender: Sender<Bytes>,
}

/// Somebody who follows some topics, until it is dropped.
pub struct Following {
    id: u64,
    topics: Vec<Topic>,
    /// What came before, since the place that was asked for; none, if that isn't known any more.
    pub missed: Option<Vec<Bytes>>,
    pub receiver: Receiver<Bytes>,
    hub: Arc<Mutex<Followers>>,
}

impl Hub {
    /// Follows these topics from a place on, if there are fewer streams than `most`.
    pub fn follow(&self, topics: Vec<Topic>, since: Option<Place>, most: usize) -> Option<Following> {
        let mut followers = lock(&self.0);
        if followers.streams >= most {
            return None;
        }
        followers.streams += 1;
        followers.next_id += 1;
        let id = followers.next_id;
        let (sender, receiver) = mpsc::channel(WAITING);
        for topic in &topics {
            let follower = Follower { id, has: since, sender: sender.clone() };
            followers.by_topic.entry(topic.clone()).or_default().push(follower);
        }
        let missed = since.and_then(|since| followers.recent.since(since, &topics));
        Some(Following { id, topics, missed, receiver, hub: Arc::clone(&self.0) })
    }

    /// Tells those who follow it what has happened.
    pub fn publish(&self, moments: Vec<Moment>) {
        let mut followers = lock(&self.0);
        for moment in moments {
            if let Some(following) = followers.by_topic.get_mut(&moment.topic) {
                // A full queue or a reader who is gone: its stream ends, as no sender is left.
                following.retain(|follower| {
                    follower.has.is_some_and(|has| moment.place <= has)
                        || follower.sender.try_send(moment.message.clone()).is_ok()
                });
            }
            followers.recent.add(Arc::new(moment), Instant::now());
        }
    }

    /// Something was lost. All streams end; when they come back, nothing of what was before is known.
    pub fn forget(&self) {
        let mut followers = lock(&self.0);
        followers.by_topic.clear();
        followers.recent = Recent::default();
    }

    /// Everything up to there is known.
    pub fn reach(&self, place: Place) {
        lock(&self.0).recent.reach(place);
    }

    /// Up to where everything is known.
    pub fn reached(&self) -> Option<Place> {
        lock(&self.0).recent.reached()
    }

    /// What inventory said last of a cart's line, if that was just now.
    pub fn last_hold(&self, cart: Uuid, sku: &str) -> Option<Hold> {
        lock(&self.0).recent.hold(cart, sku)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut followers = lock(&self.hub);
        followers.streams -= 1;
        for topic in &self.topics {
            let Some(following) = followers.by_topic.get_mut(topic) else { continue };
            following.retain(|follower| follower.id != self.id);
            if following.is_empty() {
                followers.by_topic.remove(topic);
            }
        }
    }
}

fn lock(followers: &Mutex<Followers>) -> MutexGuard<'_, Followers> {
    followers.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(sku: &str) -> Topic {
        Topic::Product(sku.into())
    }

    fn moment(offset: i64, sku: &str) -> Moment {
        let place = Place { offset, index: 0 };
        Moment { place, topic: topic(sku), message: Bytes::from(offset.to_string()), hold: None }
    }

    #[tokio::test]
    async fn each_is_told_what_it_follows_and_nothing_else() {
        let hub = Hub::default();
        let mut a = hub.follow(vec![topic("a")], None, 9).unwrap();
        let mut both = hub.follow(vec![topic("a"), topic("b")], None, 9).unwrap();
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
        let mut slow = hub.follow(vec![topic("a")], None, 9).unwrap();
        let mut quick = hub.follow(vec![topic("a")], None, 9).unwrap();
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
    async fn who_comes_back_gets_what_it_missed_and_then_what_follows() {
        let hub = Hub::default();
        hub.publish(vec![moment(1, "a"), moment(2, "a")]);
        let mut again = hub.follow(vec![topic("a")], Some(Place { offset: 1, index: 0 }), 9).unwrap();
        hub.publish(vec![moment(3, "a")]);
        assert_eq!(again.missed.take(), Some(vec!["2".into()]));
        assert_eq!(again.receiver.recv().await.unwrap(), "3");
    }

    #[tokio::test]
    async fn an_instance_that_reads_the_log_from_before_tells_nothing_twice() {
        let hub = Hub::default();
        let mut early = hub.follow(vec![topic("a")], Some(Place { offset: 2, index: 0 }), 9).unwrap();
        hub.publish(vec![moment(1, "a"), moment(2, "a"), moment(3, "a")]);
        assert_eq!(early.receiver.recv().await.unwrap(), "3");
    }

    #[test]
    fn there_are_no_more_streams_than_allowed_and_nothing_is_left_of_those_that_ended() {
        let hub = Hub::default();
        let first = hub.follow(vec![topic("a")], None, 1).unwrap();
        assert!(hub.follow(vec![topic("a")], None, 1).is_none());
        drop(first);
        assert!(lock(&hub.0).by_topic.is_empty());
        assert!(hub.follow(vec![topic("a")], None, 1).is_some());
    }
}
