//! Clients: they open carts, fill and change them, some carts together, and repeat with the same key what gets no
//! answer.

mod client;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::Semaphore;

use self::client::Client;
use super::shopping::{Known, Repertoire};
use super::storefront::{Cart, Storefront};
use crate::history::{History, RequestedChange};

/// How many clients share a cart, besides their own.
const GROUP: usize = 4;
/// What all clients share.
pub struct Clients {
    history: Mutex<History>,
    storefront: Storefront,
    repertoire: Repertoire,
    /// How many more changes are allowed.
    allowed: Semaphore,
    granted: AtomicU64,
    acknowledged: AtomicU64,
    in_flight: AtomicUsize,
    refused: AtomicU64,
    problems: Mutex<Vec<String>>,
}

/// A cart that one or several clients change, and what is known of it.
struct OpenCart {
    cart: Cart,
    known: Mutex<Known>,
    has_ended: AtomicBool,
}

/// A cart of several clients.
type Shared = Arc<Mutex<Option<Arc<OpenCart>>>>;

impl OpenCart {
    fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Relaxed)
    }
}

impl Clients {
    pub fn new(storefront: Storefront, repertoire: Repertoire) -> Arc<Self> {
        Arc::new(Self {
            history: Mutex::default(),
            storefront,
            repertoire,
            allowed: Semaphore::new(0),
            granted: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            problems: Mutex::default(),
        })
    }

    /// Allows this many more changes.
    pub fn allow(&self, changes: u64) {
        self.granted.fetch_add(changes, Ordering::Relaxed);
        self.allowed.add_permits(usize::try_from(changes).unwrap_or(usize::MAX >> 4));
    }

    /// Allows this many changes in all.
    pub fn allow_all(&self, changes: u64) {
        self.allow(changes.saturating_sub(self.granted.load(Ordering::Relaxed)));
    }

    /// Allows no more changes.
    pub fn close(&self) {
        self.allowed.close();
    }

    /// How many changes were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// What was acknowledged.
    pub fn history(&self) -> History {
        lock(&self.history).clone()
    }

    /// How many requests have no answer yet.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// How many changes the rules of a cart refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// What went wrong for a client.
    pub fn problems(&self) -> Vec<String> {
        lock(&self.problems).clone()
    }

    /// Runs this many clients until no more changes are allowed.
    pub async fn run(self: &Arc<Self>, number: usize, seed: u64) {
        let mut groups = BTreeMap::new();
        let clients = (0..number).map(|index| {
            let shared = Arc::clone(groups.entry(index / GROUP).or_default());
            let random = StdRng::seed_from_u64(seed ^ (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            tokio::spawn(Client::new(Arc::clone(self), shared, random).run())
        });
        for client in clients.collect::<Vec<_>>() {
            if let Err(error) = client.await {
                self.problem(format!("a client ended: {error}"));
            }
        }
    }

    fn record(&self, cart: &Cart, version: i64, change: RequestedChange) {
        lock(&self.history).acknowledged(cart.id, version, change);
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// A client was told that the cart has ended; of a merge, that one of both has.
    fn ended(&self, open: &OpenCart, change: &RequestedChange) {
        open.has_ended.store(true, Ordering::Relaxed);
        if !matches!(change, RequestedChange::Merge { .. }) {
            lock(&self.history).reported_ended(open.cart.id);
        }
    }

    fn problem(&self, what: String) {
        lock(&self.problems).push(what);
    }
}

/// Nothing here can panic under a lock.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
