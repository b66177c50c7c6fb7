//! Who follows what. One lock guards it: an event wakes only those who follow its topic, and none of them is waited for.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::Instant;
use uuid::Uuid;

use super::log_position::LogPosition;
use super::message;
use super::moment::{Hold, Moment};
use super::recent::Recent;
use super::topic::Topic;

/// How many messages may wait for a reader. Who is that far behind is dropped, and comes back with what it had last.
const WAITING: usize = 64;
/// How far this instance may be behind the one that a reader had before. If it still reads what the reader says to have, then
/// that was of a log that has since been deleted, and whose positions were higher.
const BEHIND: Duration = Duration::from_mins(1);

/// All who follow something.
#[derive(Default)]
pub struct Hub(Arc<Mutex<Followers>>);

#[derive(Default)]
struct Followers {
    by_topic: HashMap<Topic, Vec<u64>>,
    /// By the ids of their streams. Who is removed here gets no more: its stream ends.
    readers: HashMap<u64, Reader>,
    recent: Recent,
    streams: usize,
    of_clients: HashMap<IpAddr, usize>,
    next_id: u64,
}

struct Reader {
    /// What it has already, should this instance read the log from before that.
    has: Option<LogPosition>,
    since: Instant,
    sender: Sender<Bytes>,
}

/// How many streams there may be.
#[derive(Clone, Copy)]
pub struct Most {
    /// Of all clients together.
    pub all: usize,
    /// Of one; 0 for as many as it likes.
    pub of_a_client: usize,
}

/// Why nobody more can follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMany {
    OfAll,
    OfThisClient,
}

/// Somebody who follows some topics, until it is dropped.
pub struct Following {
    id: u64,
    client: Option<IpAddr>,
    topics: Vec<Topic>,
    /// What came before, since the position that was asked for; none, if that isn't known any more.
    pub missed: Option<Vec<Bytes>>,
    pub receiver: Receiver<Bytes>,
    hub: Arc<Mutex<Followers>>,
}

impl Hub {
    /// Follows these topics from a position on, if there are not too many streams. `client` is whose it is, if limits count for it.
    pub fn follow(
        &self,
        topics: Vec<Topic>,
        since: Option<LogPosition>,
        client: Option<IpAddr>,
        most: Most,
    ) -> Result<Following, TooMany> {
        let mut followers = lock(&self.0);
        let id = followers.begin(client, most)?;
        let (sender, receiver) = mpsc::channel(WAITING);
        for topic in &topics {
            followers.by_topic.entry(topic.clone()).or_default().push(id);
        }
        let since = since.filter(|since| !followers.recent.is_of_a_former_log(*since));
        followers.readers.insert(id, Reader { has: since, since: Instant::now(), sender });
        let missed = since.and_then(|since| followers.recent.since(since, &topics));
        Ok(Following { id, client, topics, missed, receiver, hub: Arc::clone(&self.0) })
    }

    /// Tells those who follow it what has happened.
    pub fn publish(&self, moments: Vec<Moment>) {
        let mut followers = lock(&self.0);
        let Followers { by_topic, readers, recent, .. } = &mut *followers;
        for moment in moments {
            for id in by_topic.get(&moment.topic).into_iter().flatten() {
                // A full queue or a reader who is gone: the stream ends, whatever else it follows.
                if readers.get_mut(id).is_some_and(|reader| !reader.tell(&moment)) {
                    readers.remove(id);
                }
            }
            recent.add(Arc::new(moment), Instant::now());
        }
    }

    /// Something was lost. All streams end; when they come back, nothing of what was before is known.
    pub fn forget(&self) {
        let mut followers = lock(&self.0);
        followers.readers.clear();
        followers.recent.restart();
    }

    /// Everything up to there is known.
    pub fn reach(&self, position: LogPosition) {
        lock(&self.0).recent.reach(position);
    }

    /// Up to where everything is known.
    pub fn reached(&self) -> Option<LogPosition> {
        lock(&self.0).recent.reached()
    }

    /// What inventory said last of a cart's line, if that was just now.
    pub fn last_hold(&self, cart: Uuid, sku: &str) -> Option<Hold> {
        lock(&self.0).recent.hold(cart, sku)
    }
}

impl Reader {
    /// Returns whether it will hear of it, or has already.
    fn tell(&mut self, moment: &Moment) -> bool {
        if self.has.is_some_and(|has| moment.position <= has) {
            if self.since.elapsed() < BEHIND {
                return true;
            }
            self.has = None;
            return self.sender.try_send(message::reset()).is_ok();
        }
        self.sender.try_send(moment.message.clone()).is_ok()
    }
}

impl Followers {
    /// Counts one more stream; returns its id.
    fn begin(&mut self, client: Option<IpAddr>, most: Most) -> Result<u64, TooMany> {
        if self.streams >= most.all {
            return Err(TooMany::OfAll);
        }
        if let Some(client) = client.filter(|_| most.of_a_client > 0) {
            let streams = self.of_clients.entry(client).or_default();
            if *streams >= most.of_a_client {
                return Err(TooMany::OfThisClient);
            }
            *streams += 1;
        }
        self.streams += 1;
        self.next_id += 1;
        Ok(self.next_id)
    }

    fn end(&mut self, client: Option<IpAddr>) {
        self.streams -= 1;
        let Some(Entry::Occupied(mut streams)) = client.map(|client| self.of_clients.entry(client)) else {
            return;
        };
        *streams.get_mut() -= 1;
        if *streams.get() == 0 {
            streams.remove();
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut followers = lock(&self.hub);
        followers.end(self.client);
        followers.readers.remove(&self.id);
        for topic in &self.topics {
            let Some(following) = followers.by_topic.get_mut(topic) else { continue };
            following.retain(|id| *id != self.id);
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
mod tests;
