use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;

pub(super) const WINDOW: Duration = Duration::from_mins(1);
/// The most clients that are distinguished, which takes some megabytes. Further ones share one client's quota.
const MOST_CLIENTS: usize = 100_000;
/// At most this often it is looked for clients that can be forgotten.
const SWEEP: Duration = Duration::from_secs(1);

/// How often each client may do something in a minute. What it doesn't use is its own to use at once, up to a minute's
/// worth (GCRA, the generic cell rate algorithm).
pub struct Quota {
    name: &'static str,
    /// 0: as often as it likes.
    per_minute: u32,
    clients: Mutex<Clients>,
}

#[derive(Default)]
struct Clients {
    /// When a client has its whole quota again. One that has it is forgotten.
    full: HashMap<Client, Instant>,
    /// The same for all that there is no place for.
    others_full: Option<Instant>,
    swept: Option<Instant>,
}

/// What a client has left after it took one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub name: &'static str,
    pub per_minute: u32,
    pub left: u32,
    /// Until it has its whole quota again.
    pub full_after: Duration,
}

/// A client has none left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    pub standing: Standing,
    /// Until it has the next one.
    pub next_after: Duration,
}

impl Exhausted {
    pub fn name(&self) -> &'static str {
        self.standing.name
    }
}

impl Quota {
    pub fn new(name: &'static str, per_minute: u32) -> Self {
        Self { name, per_minute, clients: Mutex::default() }
    }

    /// Takes one.
    pub fn take(&self, client: Client, now: Instant) -> Result<Standing, Exhausted> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let full = clients.full(client, now);
        let after = self.after_one_more(full, now)?;
        if self.per_minute > 0 {
            *full = now + after.full_after;
        }
        Ok(after)
    }

    /// Whether there is one to take.
    pub fn look(&self, client: Client, now: Instant) -> Result<(), Exhausted> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let full = *clients.full(client, now);
        self.after_one_more(&full, now).map(|_| ())
    }

    fn after_one_more(&self, full: &Instant, now: Instant) -> Result<Standing, Exhausted> {
        let Self { name, per_minute, .. } = *self;
        let Some(interval) = WINDOW.checked_div(per_minute) else {
            return Ok(Standing { name, per_minute, left: u32::MAX, full_after: Duration::ZERO });
        };
        let full_after = full.saturating_duration_since(now);
        let standing = |full_after: Duration| {
            let left = WINDOW.saturating_sub(full_after).as_nanos() / interval.as_nanos().max(1);
            Standing { name, per_minute, left: u32::try_from(left).unwrap_or(u32::MAX), full_after }
        };
        let later = full_after + interval;
        match later.checked_sub(WINDOW).filter(|beyond| !beyond.is_zero()) {
            Some(next_after) => Err(Exhausted { standing: standing(full_after), next_after }),
            None => Ok(standing(later)),
        }
    }
}

impl Clients {
    fn full(&mut self, client: Client, now: Instant) -> &mut Instant {
        if self.full.len() >= MOST_CLIENTS && !self.full.contains_key(&client) {
            if self.swept.is_none_or(|swept| now >= swept + SWEEP) {
                self.swept = Some(now);
                self.full.retain(|_, full| *full > now);
            }
            if self.full.len() >= MOST_CLIENTS {
                return self.others_full.get_or_insert(now);
            }
        }
        self.full.entry(client).or_insert(now)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn client(number: u32) -> Client {
        Client::at(Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn a_minutes_worth_at_once_and_then_one_after_the_other() {
        let (quota, now) = (Quota::new("writes", 3), Instant::now());
        for left in [2, 1, 0] {
            assert_eq!(quota.take(client(1), now).unwrap().left, left);
        }
        let exhausted = quota.take(client(1), now).unwrap_err();
        assert_eq!((exhausted.standing.left, exhausted.next_after), (0, Duration::from_secs(20)));
        assert!(quota.look(client(1), now).is_err());
        let later = now + Duration::from_secs(20);
        assert!(quota.look(client(1), later).is_ok());
        assert!(quota.take(client(1), later).is_ok());
        assert!(quota.take(client(1), later).is_err());
        assert_eq!(quota.take(client(1), now + Duration::from_mins(5)).unwrap().left, 2);
    }

    #[test]
    fn each_client_has_its_own() {
        let (quota, now) = (Quota::new("writes", 1), Instant::now());
        assert!(quota.take(client(1), now).is_ok());
        assert!(quota.take(client(1), now).is_err());
        assert!(quota.take(client(2), now).is_ok());
    }

    #[test]
    fn what_is_not_limited_never_ends() {
        let (quota, now) = (Quota::new("writes", 0), Instant::now());
        assert!((0..10_000).all(|_| quota.take(client(1), now).is_ok()));
    }

    #[test]
    fn beyond_the_most_clients_new_ones_share_a_quota_until_others_are_forgotten() {
        let (quota, now) = (Quota::new("writes", 1), Instant::now());
        let most = u32::try_from(MOST_CLIENTS).unwrap();
        assert!((0..most).all(|number| quota.take(client(number), now).is_ok()));
        assert!(quota.take(client(most), now).is_ok());
        assert!(quota.take(client(most + 1), now).is_err());
        assert!(quota.take(client(7), now).is_err(), "one that is known keeps its own");
        let later = now + WINDOW;
        assert!((0..100).all(|number| quota.take(client(most + number), later).is_ok()));
        assert!(quota.clients.lock().unwrap().full.len() <= 100);
    }
}
