use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rand::Rng;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::super::shopping::{Known, Repertoire};
use super::super::storefront::{Failure, Shopper};
use super::{Clients, OpenCart, Shared, lock};
use crate::history::RequestedChange;

/// The share of changes that are made to the shared cart.
const SHARED: f64 = 0.3;
/// A cart is left for a new one after about this many changes, so that many carts have a last change when a fault is
/// injected.
const CHANGES_PER_CART: u32 = 15;
/// The share of changes for which a client comes back to a cart that it has left.
const COMING_BACK: f64 = 0.08;
/// A client's own cart is merged into the shared one once in about this many changes.
const CHANGES_PER_MERGE: u32 = 20;
/// And deleted once in about this many.
const CHANGES_PER_DELETION: u32 = 40;
/// What the rules of a cart refuse, where several clients change it.
const BY_RULE: [&str; 3] = ["not-in-cart", "not-saved", "quantity-too-large"];
/// What a cart is answered with that has expired, or was merged or deleted.
const ENDED: &str = "cart-ended";

/// One client.
pub(super) struct Client {
    clients: Arc<Clients>,
    shared: Shared,
    random: StdRng,
    own: Option<Arc<OpenCart>>,
    /// Carts of one's own that were left for new ones.
    left: Vec<Arc<OpenCart>>,
}

impl Client {
    pub fn new(clients: Arc<Clients>, shared: Shared, random: StdRng) -> Self {
        Self { clients, shared, random, own: None, left: vec![] }
    }

    pub async fn run(mut self) {
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
        if !is_shared && self.random.random_bool(COMING_BACK) {
            self.come_back();
        }
        let there = if is_shared { lock(&self.shared).clone() } else { self.own.clone() };
        let open = match there.filter(|open| !open.has_ended()) {
            Some(open) if !is_new => open,
            _ => match self.open().await {
                Some(open) => open,
                None => return false,
            },
        };
        if is_shared {
            *lock(&self.shared) = Some(Arc::clone(&open));
        } else if let Some(left) = self
            .own
            .replace(Arc::clone(&open))
            .filter(|left| left.cart.id != open.cart.id && !left.has_ended())
        {
            self.left.push(left);
        }
        let knows_all = self.clients.repertoire == Repertoire::Full;
        if knows_all && !is_shared && self.random.random_ratio(1, CHANGES_PER_MERGE) {
            return self.merge(open).await;
        }
        let is_deletion = self.random.random_ratio(1, CHANGES_PER_DELETION);
        let change = if knows_all && !is_shared && is_deletion {
            RequestedChange::Delete
        } else {
            let known = lock(&open.known).clone();
            self.clients.repertoire.choose(&known, &mut self.random)
        };
        self.change(&open, change).await
    }

    /// Goes on with a cart that was left some time ago.
    fn come_back(&mut self) {
        if self.left.is_empty() {
            return;
        }
        let there = self.left.swap_remove(self.random.random_range(0..self.left.len()));
        self.left.extend(self.own.replace(there));
    }

    async fn change(&mut self, open: &OpenCart, change: RequestedChange) -> bool {
        let key = self.key();
        let (clients, cart) = (Arc::clone(&self.clients), &open.cart);
        let answer = clients.storefront.change(cart.id, &cart.token, key, &change);
        let Some(version) = self.answered(open, &change, answer).await else { return false };
        lock(&open.known).apply(&change);
        clients.record(cart, version, change.clone());
        if change == RequestedChange::Delete {
            self.must_have_ended(open).await;
        }
        true
    }

    /// Merges a cart of one's own into the shared one.
    async fn merge(&mut self, from: Arc<OpenCart>) -> bool {
        let Some(into) = lock(&self.shared).clone() else { return false };
        let (clients, key) = (Arc::clone(&self.clients), self.key());
        let change = RequestedChange::Merge { from: from.cart.id };
        let answer = clients.storefront.merge(&into.cart, &from.cart, key);
        let Some(version) = self.answered(&into, &change, answer).await else {
            // It may be either of them that has ended.
            self.own = None;
            return false;
        };
        let known = lock(&from.known).clone();
        lock(&into.known).merge(known);
        clients.record(&into.cart, version, change);
        self.must_have_ended(&from).await;
        true
    }

    /// Nothing can be added any more.
    async fn must_have_ended(&mut self, open: &OpenCart) {
        let key = self.key();
        let (clients, cart) = (Arc::clone(&self.clients), &open.cart);
        open.has_ended.store(true, Ordering::Relaxed);
        let addition = self.clients.repertoire.choose(&Known::default(), &mut self.random);
        match clients.storefront.change(cart.id, &cart.token, key, &addition).await {
            Err(Failure::Refused { problem, .. }) if problem == ENDED => {}
            other => clients.problem(format!("{addition:?} of cart {}, which has ended: {other:?}", cart.id)),
        }
    }

    /// Most carts have an address to write to.
    async fn open(&mut self) -> Option<Arc<OpenCart>> {
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
                let (known, has_ended) = (Mutex::default(), AtomicBool::new(false));
                Some(Arc::new(OpenCart { cart, known, has_ended }))
            }
            Err(failure) => {
                self.clients.problem(format!("a cart could not be opened: {failure}"));
                None
            }
        }
    }

    /// Waits for the answer to a change. Returns the cart's version after it.
    async fn answered(
        &self,
        open: &OpenCart,
        change: &RequestedChange,
        answer: impl Future<Output = Result<i64, Failure>>,
    ) -> Option<i64> {
        let clients = &self.clients;
        clients.in_flight.fetch_add(1, Ordering::Relaxed);
        let answer = answer.await;
        clients.in_flight.fetch_sub(1, Ordering::Relaxed);
        match answer {
            Ok(version) => return Some(version),
            Err(Failure::Refused { problem, .. }) if BY_RULE.contains(&problem.as_str()) => {
                clients.refused.fetch_add(1, Ordering::Relaxed);
            }
            Err(Failure::Refused { problem, .. }) if problem == ENDED => {
                clients.ended(open, change);
            }
            Err(failure) => clients.problem(format!("{change:?} of cart {}: {failure}", open.cart.id)),
        }
        None
    }

    fn key(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.random()).into_uuid()
    }
}
