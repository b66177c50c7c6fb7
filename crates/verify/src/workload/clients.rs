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
use super::storefront::{Cart, Failure, Shopper, Storefront};
use crate::history::{Change, History};

/// How many clients share a cart, besides their own.
const GROUP: usize = 4;
/// The share of changes that are made to the shared cart.
const SHARED: f64 = 0.3;
/// A cart is left for a new one after about this many changes, so that many carts have a last change when a fault is
/// injected.
const CHANGES_PER_CART: u32 = 15;
/// What the rules of a cart refuse, where several clients change it.
const BY_RULE: [&str; 2] = ["not-in-cart", "quantity-too-large"];

/// What all clients share.
pub struct Clients {
    history: Mutex<History>,
    storefront: Storefront,
    /// How many more changes are allowed.
    allowed: Semaphore,
    granted: AtomicU64,
    acknowledged: AtomicU64,
    in_flight: AtomicUsize,
    refused: AtomicU64,
    problems: Mutex<Vec<String>>,
}

/// A cart that one or several clients change, and what it may contain.
struct OpenCart {
    cart: Cart,
    skus: Vec<String>,
}

struct Client {
    clients: Arc<Clients>,
    shared: Arc<Mutex<Option<Arc<Mutex<OpenCart>>>>>,
    random: StdRng,
    own: Option<Arc<Mutex<OpenCart>>>,
}

impl Clients {
    pub fn new(storefront: Storefront) -> Arc<Self> {
        Arc::new(Self {
            history: Mutex::default(),
            storefront,
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
            tokio::spawn(Client { clients: Arc::clone(self), shared, random, own: None }.run())
        });
        for client in clients.collect::<Vec<_>>() {
            if let Err(error) = client.await {
                self.problem(format!("a client ended: {error}"));
            }
        }
    }

    fn problem(&self, what: String) {
        lock(&self.problems).push(what);
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
        let is_shared = self.random.random_bool(SHARED);
        let is_new = self.random.random_ratio(1, CHANGES_PER_CART);
        let there = if is_shared { lock(&self.shared).clone() } else { self.own.clone() };
        let open = match there {
            Some(open) if !is_new => open,
            _ => match self.open().await {
                Some(open) => open,
                None => return false,
            },
        };
        if is_shared {
            *lock(&self.shared) = Some(Arc::clone(&open));
        } else {
            self.own = Some(Arc::clone(&open));
        }
        let change = self.choose(&lock(&open).skus);
        let cart = lock(&open).cart.clone();
        let Some(version) = self.ask(&cart, &change).await else { return false };
        let Change::Add { sku, .. } = &change else {
            return self.done(&cart, version, change);
        };
        lock(&open).skus.push(sku.clone());
        self.done(&cart, version, change)
    }

    fn done(&self, cart: &Cart, version: i64, change: Change) -> bool {
        lock(&self.clients.history).acknowledged(cart.id, version, change);
        self.clients.acknowledged.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// Most carts have an address to write to.
    async fn open(&mut self) -> Option<Arc<Mutex<OpenCart>>> {
        let key = self.key();
        let shopper = self.random.random_bool(0.8).then(|| Shopper {
            email: format!("shopper-{}@example.test", self.random.random_range(0..1000)),
            language: "en".to_owned(),
        });
        self.clients.in_flight.fetch_add(1, Ordering::Relaxed);
        let opened = self.clients.storefront.open(key, shopper.as_ref()).await;
        self.clients.in_flight.fetch_sub(1, Ordering::Relaxed);
        match opened {
            Ok(cart) => {
                lock(&self.clients.history).opened(cart.id, shopper.is_some());
                Some(Arc::new(Mutex::new(OpenCart { cart, skus: vec![] })))
            }
            Err(failure) => {
                self.clients.problem(format!("a cart could not be opened: {failure}"));
                None
            }
        }
    }

    /// Returns the cart's version after the change.
    async fn ask(&mut self, cart: &Cart, change: &Change) -> Option<i64> {
        let key = self.key();
        self.clients.in_flight.fetch_add(1, Ordering::Relaxed);
        let answer = self.clients.storefront.change(cart.id, &cart.token, key, change).await;
        self.clients.in_flight.fetch_sub(1, Ordering::Relaxed);
        match answer {
            Ok(version) => return Some(version),
            Err(Failure::Refused { problem, .. }) if BY_RULE.contains(&problem.as_str()) => {
                self.clients.refused.fetch_add(1, Ordering::Relaxed);
            }
            Err(failure) => self.clients.problem(format!("{change:?} of cart {}: {failure}", cart.id)),
        }
        None
    }

    fn choose(&mut self, lines: &[String]) -> Change {
        let (kind, quantity) = (self.random.random_range(0..10), self.random.random_range(1..=9));
        let new = products::sku(&mut self.random);
        let Some(sku) = lines.choose(&mut self.random).cloned() else {
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
