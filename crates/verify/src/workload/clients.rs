//! Clients: they open carts, fill and change them, some carts together, and repeat with the same key what gets no
//! answer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::products;
use crate::history::History;
use crate::workload::storefront::{Cart, Change, Failure, Shopper, Storefront};

/// So many clients have a cart in common, besides their own.
const GROUP: usize = 4;
/// Of ten changes, so many are made to the common cart.
const COMMON: f64 = 0.3;
/// A cart is left for a new one after about so many changes, so that many carts have a last change when a fault
/// strikes.
const CHANGES_PER_CART: u32 = 15;
/// What the rules of a cart refuse, where several clients change it.
const BY_RULE: [&str; 2] = ["not-in-cart", "quantity-too-large"];

/// What all clients share.
pub struct Clients {
    pub history: History,
    storefront: Storefront,
    /// How many more changes may be begun.
    allowed: Semaphore,
    granted: AtomicU64,
    acknowledged: AtomicU64,
    under_way: AtomicUsize,
    refused: AtomicU64,
    troubles: Mutex<Vec<String>>,
}

/// A cart that one or several clients change, and what it may contain.
struct Trolley {
    cart: Cart,
    skus: Vec<String>,
}

struct Client {
    clients: Arc<Clients>,
    common: Arc<Mutex<Option<Arc<Mutex<Trolley>>>>>,
    random: StdRng,
    own: Option<Arc<Mutex<Trolley>>>,
}

impl Clients {
    pub fn new(storefront: Storefront) -> Arc<Self> {
        Arc::new(Self {
            history: History::default(),
            storefront,
            allowed: Semaphore::new(0),
            granted: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            under_way: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            troubles: Mutex::default(),
        })
    }

    /// So many more changes may be begun.
    pub fn allow(&self, changes: u64) {
        self.granted.fetch_add(changes, Ordering::Relaxed);
        self.allowed.add_permits(usize::try_from(changes).unwrap_or(usize::MAX >> 4));
    }

    /// So many changes may be begun in all.
    pub fn allow_all(&self, changes: u64) {
        self.allow(changes.saturating_sub(self.granted.load(Ordering::Relaxed)));
    }

    /// No more changes are begun.
    pub fn close(&self) {
        self.allowed.close();
    }

    /// How many changes were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// How many requests have no answer yet.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// How many changes the rules of a cart refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// What should not have happened to a client.
    pub fn troubles(&self) -> Vec<String> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs so many clients until no more changes may be begun.
    pub async fn run(self: &Arc<Self>, number: usize, seed: u64) {
        let mut commons = BTreeMap::new();
        let clients = (0..number).map(|index| {
            let common = Arc::clone(commons.entry(index / GROUP).or_default());
            let random = StdRng::seed_from_u64(seed ^ (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            tokio::spawn(Client { clients: Arc::clone(self), common, random, own: None }.run())
        });
        for client in clients.collect::<Vec<_>>() {
            if let Err(error) = client.await {
                self.trouble(format!("a client ended: {error}"));
            }
        }
    }

    fn trouble(&self, what: String) {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

impl Client {
    async fn run(mut self) {
        let clients = Arc::clone(&self.clients);
        while let Ok(permit) = clients.allowed.acquire().await {
            permit.forget();
            if !self.change_something().await {
                clients.allowed.add_permits(1);
            }
        }
    }

    /// Whether a change was acknowledged.
    async fn change_something(&mut self) -> bool {
        let is_common = self.random.random_bool(COMMON);
        let is_new = self.random.random_ratio(1, CHANGES_PER_CART);
        let there = if is_common { lock(&self.common).clone() } else { self.own.clone() };
        let trolley = match there {
            Some(trolley) if !is_new => trolley,
            _ => match self.open().await {
                Some(trolley) => trolley,
                None => return false,
            },
        };
        if is_common {
            *lock(&self.common) = Some(Arc::clone(&trolley));
        } else {
            self.own = Some(Arc::clone(&trolley));
        }
        let change = self.choose(&lock(&trolley).skus);
        let cart = lock(&trolley).cart.clone();
        let Some(version) = self.ask(&cart, &change).await else { return false };
        let Change::Add { sku, .. } = &change else {
            return self.done(&cart, version, change);
        };
        lock(&trolley).skus.push(sku.clone());
        self.done(&cart, version, change)
    }

    fn done(&self, cart: &Cart, version: i64, change: Change) -> bool {
        self.clients.history.acknowledged(cart.id, version, change);
        self.clients.acknowledged.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// Most carts have an address to write to.
    async fn open(&mut self) -> Option<Arc<Mutex<Trolley>>> {
        let key = self.key();
        let shopper = self.random.random_bool(0.8).then(|| Shopper {
            email: format!("shopper-{}@example.test", self.random.random_range(0..1000)),
            language: "en".to_owned(),
        });
        self.clients.under_way.fetch_add(1, Ordering::Relaxed);
        let opened = self.clients.storefront.open(key, shopper.as_ref()).await;
        self.clients.under_way.fetch_sub(1, Ordering::Relaxed);
        match opened {
            Ok(cart) => {
                self.clients.history.opened(cart.id, shopper.is_some());
                Some(Arc::new(Mutex::new(Trolley { cart, skus: vec![] })))
            }
            Err(failure) => {
                self.clients.trouble(format!("a cart could not be opened: {failure}"));
                None
            }
        }
    }

    /// Returns the cart's version after the change.
    async fn ask(&mut self, cart: &Cart, change: &Change) -> Option<i64> {
        let key = self.key();
        self.clients.under_way.fetch_add(1, Ordering::Relaxed);
        let answer = self.clients.storefront.change(cart.id, &cart.token, key, change).await;
        self.clients.under_way.fetch_sub(1, Ordering::Relaxed);
        match answer {
            Ok(version) => return Some(version),
            Err(Failure::Refused { problem, .. }) if BY_RULE.contains(&problem.as_str()) => {
                self.clients.refused.fetch_add(1, Ordering::Relaxed);
            }
            Err(failure) => self.clients.trouble(format!("{change:?} of cart {}: {failure}", cart.id)),
        }
        None
    }

    fn choose(&mut self, there: &[String]) -> Change {
        let (kind, quantity) = (self.random.random_range(0..10), self.random.random_range(1..=9));
        let new = products::sku(&mut self.random);
        let Some(sku) = there.choose(&mut self.random).cloned() else {
            return Change::Add { sku: new, quantity };
        };
        match kind {
            0..2 => Change::SetQuantity { sku, quantity },
            2 => Change::Remove { sku },
            _ => Change::Add { sku: new, quantity },
        }
    }

    fn key(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.random()).into_uuid()
    }
}

/// Nothing here can panic under a lock.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
