//! Decides a batch of commands in memory, one after the other, on what the database has.

use std::collections::{HashMap, HashSet};

use bus::{Outbox, OutboxError};
use chrono::TimeDelta;
use envelope::Cause;
use uuid::Uuid;

use super::hold_memory::HoldsShown;
use super::request::{Answer, CartShown, CommandError, CommandRequest, Outcome, RenderCart};
use crate::cart::{Cart, Decision, Limits, Refusal, Surroundings};
use crate::fact::Fact;
use crate::idempotency::{IdempotencyKey, UsedKey};
use crate::store::{CartChange, CartsRead, ProductsRead};

/// What was read for a batch.
pub(crate) struct BatchRead<'a> {
    pub carts: CartsRead,
    pub products: &'a ProductsRead,
    /// Of the carts that are shown.
    pub holds: HashMap<Uuid, HoldsShown>,
    pub used_keys: HashMap<IdempotencyKey, UsedKey>,
}

/// By what a batch is decided and shown.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub limits: Limits,
    /// How long what is held stays held if nothing is changed.
    pub held_for: TimeDelta,
    pub render: RenderCart,
}

/// What is known while a batch is decided.
pub(crate) struct CommandBatch<'a> {
    /// The keys also of this batch.
    read: BatchRead<'a>,
    /// The keys that came in this batch.
    new_keys: Vec<UsedKey>,
    opened: HashSet<Uuid>,
    changes: HashMap<Uuid, CartChange>,
    rules: Rules,
    outbox: &'a Outbox,
}

impl<'a> CommandBatch<'a> {
    pub fn new(read: BatchRead<'a>, rules: Rules, outbox: &'a Outbox) -> Self {
        let (new_keys, opened, changes) = (Vec::new(), HashSet::new(), HashMap::new());
        Self { read, new_keys, opened, changes, rules, outbox }
    }

    /// Decides one command on top of those before it.
    pub fn decide(&mut self, request: &CommandRequest) -> Result<Outcome, OutboxError> {
        if !self.tokens_open(request) {
            return Ok(Err(CommandError::Refused(Refusal::UnknownCart)));
        }
        if let Some(used) = self.replay(request) {
            return used.map_or_else(|refusal| Ok(Err(refusal)), |used| self.replayed(request, used));
        }
        if self.is_unreadable(request) {
            return Ok(Err(CommandError::Unreadable));
        }
        let decision = match self.decision(request) {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(CommandError::Refused(refusal))),
        };
        self.open(request);
        for fact in &decision.facts {
            self.change(fact, &request.cause)?;
        }
        let answer = Answer { refused: decision.refused, ..self.answer(request, request.cart_id)? };
        self.remember(request, answer.version);
        Ok(Ok(answer))
    }

    /// What is to be written, and the carts that were only looked at.
    pub fn finish(mut self) -> (Vec<CartChange>, Vec<UsedKey>, HashMap<Uuid, Cart>) {
        let read = &mut self.read.carts;
        let mut changes: Vec<CartChange> = self.changes.into_values().collect();
        for change in &mut changes {
            change.cart = read.carts.remove(&change.cart_id).unwrap_or_default();
        }
        read.carts.retain(|id, _| !read.unreadable.contains(id));
        (changes, self.new_keys, std::mem::take(&mut read.carts))
    }

    /// Whether the tokens that came along are the present ones of their carts.
    fn tokens_open(&self, request: &CommandRequest) -> bool {
        let numbers = &self.read.carts.token_numbers;
        request.tokens.iter().all(|(cart, number)| numbers.get(cart) == Some(number))
    }

    /// What a request did whose key came before.
    fn replay(&self, request: &CommandRequest) -> Option<Result<&UsedKey, CommandError>> {
        let (key, fingerprint) = request.idempotency.as_ref()?;
        Some(self.read.used_keys.get(key)?.replay(*fingerprint).map_err(CommandError::Refused))
    }

    /// The outcome of such a request: the cart as it is now.
    fn replayed(&self, request: &CommandRequest, used: &UsedKey) -> Result<Outcome, OutboxError> {
        if self.read.carts.unreadable.contains(&used.cart_id) {
            return Ok(Err(CommandError::Unreadable));
        }
        let now = self.answer(request, used.cart_id)?;
        Ok(Ok(Answer { change_version: used.version, is_replayed: true, ..now }))
    }

    fn is_unreadable(&self, request: &CommandRequest) -> bool {
        let mut carts = [request.cart_id].into_iter().chain(request.command.other_cart());
        carts.any(|cart| self.read.carts.unreadable.contains(&cart))
            || request.command.adds().any(|sku| self.read.products.unreadable.contains(sku))
    }

    fn decision(&self, request: &CommandRequest) -> Result<Decision, Refusal> {
        let CommandRequest { cart_id, command, expected, .. } = request;
        let (carts, new) = (&self.read.carts.carts, Cart::default());
        let cart = if command.opens() { &new } else { carts.get(cart_id).ok_or(Refusal::UnknownCart)? };
        if expected.as_ref().is_some_and(|versions| !versions.contains(&cart.version)) {
            return Err(Refusal::OtherVersion { present: cart.version });
        }
        let other = command.other_cart().and_then(|other| carts.get(&other));
        let (products, limits) = (&self.read.products.products, self.rules.limits);
        cart.decide(*cart_id, command, Surroundings { products, limits, other })
    }

    fn open(&mut self, request: &CommandRequest) {
        if request.command.opens() {
            let cart_id = request.cart_id;
            self.read.carts.carts.insert(cart_id, Cart::default());
            self.opened.insert(cart_id);
            self.changes.insert(cart_id, CartChange::of(cart_id, None, &Cart::default()));
        }
    }

    fn change(&mut self, fact: &Fact, cause: &Cause) -> Result<(), OutboxError> {
        let cart_id = fact.cart_id();
        let event = fact.wrap(self.outbox, cause)?;
        let Some(cart) = self.read.carts.carts.get_mut(&cart_id) else { return Ok(()) };
        // Before the fact is folded in: a change begins with the version that it was decided on.
        let change =
            self.changes.entry(cart_id).or_insert_with(|| CartChange::of(cart_id, Some(cart.version), cart));
        change.take(self.outbox.number_after(cart.version, event), fact, cart);
        Ok(())
    }

    fn answer(&self, request: &CommandRequest, cart_id: Uuid) -> Result<Answer, OutboxError> {
        let empty = Cart::default();
        let cart = self.read.carts.carts.get(&cart_id).unwrap_or(&empty);
        let body = request.shows_cart.then(|| self.render(cart_id, cart)).transpose()?;
        let (version, change_version) = (cart.version, Some(cart.version));
        let token_number = self.read.carts.token_numbers.get(&cart_id).copied().unwrap_or_default();
        let refused = Vec::new();
        Ok(Answer { cart_id, version, change_version, body, token_number, refused, is_replayed: false })
    }

    fn render(&self, id: Uuid, cart: &Cart) -> serde_json::Result<Vec<u8>> {
        let read = self.read.holds.get(&id);
        let in_batch = self.changes.get(&id).and_then(|change| Some(change.events.last()?.time));
        let last_change = in_batch.or_else(|| read.and_then(|read| read.last_change));
        (self.rules.render)(&CartShown {
            id,
            cart,
            holds: read.map(|read| &*read.holds),
            held_until: last_change.map(|at| at + self.rules.held_for),
            products: &self.read.products.products,
        })
    }

    fn remember(&mut self, request: &CommandRequest, version: i64) {
        let Some((key, fingerprint)) = request.idempotency.clone() else { return };
        let cart_id = request.cart_id;
        let used = UsedKey { key: key.clone(), fingerprint, cart_id, version: Some(version) };
        self.read.used_keys.insert(key, used.clone());
        self.new_keys.push(used);
    }
}
