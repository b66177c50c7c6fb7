//! Decides a batch of commands in memory, one after the other, on what the database has.

use std::collections::{BTreeSet, HashMap, HashSet};

use bus::{Outbox, OutboxError};
use uuid::Uuid;

use super::request::{Answer, CommandError, CommandRequest, Outcome, RenderCart};
use crate::cart::{Cart, Command, Limits, Refusal};
use crate::fact::Fact;
use crate::idempotency::{IdempotencyKey, UsedKey};
use crate::store::{CartChange, CartsRead, ProductsRead};

/// What is known while a batch is decided.
pub(crate) struct CommandBatch<'a> {
    read: CartsRead,
    products: ProductsRead,
    /// From earlier batches and from this one.
    used_keys: HashMap<IdempotencyKey, UsedKey>,
    /// Those that came in this batch.
    new_keys: Vec<UsedKey>,
    opened: HashSet<Uuid>,
    changes: HashMap<Uuid, CartChange>,
    limits: Limits,
    outbox: &'a Outbox,
    render: RenderCart,
}

impl<'a> CommandBatch<'a> {
    pub fn new(
        read: CartsRead,
        products: ProductsRead,
        used_keys: HashMap<IdempotencyKey, UsedKey>,
        limits: Limits,
        outbox: &'a Outbox,
        render: RenderCart,
    ) -> Self {
        let (new_keys, opened, changes) = (Vec::new(), HashSet::new(), HashMap::new());
        Self { read, products, used_keys, new_keys, opened, changes, limits, outbox, render }
    }

    /// Decides one command on top of those before it.
    pub fn decide(&mut self, request: &CommandRequest) -> Result<Outcome, OutboxError> {
        if let Some(used) = self.replay(request) {
            return used.map_or_else(|refusal| Ok(Err(refusal)), |used| self.replayed(request, used));
        }
        if self.is_unreadable(request) {
            return Ok(Err(CommandError::Unreadable));
        }
        let fact = match self.fact(request) {
            Ok(fact) => fact,
            Err(refusal) => return Ok(Err(CommandError::Refused(refusal))),
        };
        if let Some(fact) = fact {
            self.change(request, &fact)?;
        }
        let answer = self.answer(request, request.cart_id)?;
        self.remember(request, answer.version);
        Ok(Ok(answer))
    }

    /// What is to be written, and the carts that were only looked at.
    pub fn finish(mut self) -> (Vec<CartChange>, Vec<UsedKey>, HashMap<Uuid, Cart>) {
        let mut changes: Vec<CartChange> = self.changes.into_values().collect();
        for change in &mut changes {
            change.cart = self.read.carts.remove(&change.cart_id).unwrap_or_default();
        }
        self.read.carts.retain(|id, _| !self.read.unreadable.contains(id));
        (changes, self.new_keys, self.read.carts)
    }

    /// What a request did whose key came before.
    fn replay(&self, request: &CommandRequest) -> Option<Result<&UsedKey, CommandError>> {
        let (key, fingerprint) = request.idempotency.as_ref()?;
        Some(self.used_keys.get(key)?.replay(*fingerprint).map_err(CommandError::Refused))
    }

    /// The outcome of such a request: the cart as it is now.
    fn replayed(&self, request: &CommandRequest, used: &UsedKey) -> Result<Outcome, OutboxError> {
        if self.read.unreadable.contains(&used.cart_id) {
            return Ok(Err(CommandError::Unreadable));
        }
        let now = self.answer(request, used.cart_id)?;
        Ok(Ok(Answer { change_version: used.version, is_replayed: true, ..now }))
    }

    fn is_unreadable(&self, request: &CommandRequest) -> bool {
        let is_product = |sku: &String| self.products.unreadable.contains(sku);
        let needs_product = matches!(&request.command, Command::Add { sku, .. } if is_product(sku));
        needs_product || self.read.unreadable.contains(&request.cart_id)
    }

    fn fact(&mut self, request: &CommandRequest) -> Result<Option<Fact>, Refusal> {
        let CommandRequest { cart_id, command, .. } = request;
        if matches!(command, Command::Open(_)) {
            self.read.carts.insert(*cart_id, Cart::default());
            self.opened.insert(*cart_id);
            self.touch(*cart_id, None);
        }
        let cart = self.read.carts.get(cart_id).ok_or(Refusal::UnknownCart)?;
        let product = command.sku().and_then(|sku| self.products.products.get(sku));
        cart.decide(*cart_id, command, product, self.limits)
    }

    fn change(&mut self, request: &CommandRequest, fact: &Fact) -> Result<(), OutboxError> {
        let event = fact.wrap(self.outbox, &request.cause)?;
        let sku = request.command.sku().map(str::to_owned);
        // Before the fact is folded in: a change begins with the version that it was decided on.
        self.touch(request.cart_id, sku);
        let Some(cart) = self.read.carts.get_mut(&request.cart_id) else { return Ok(()) };
        let event = self.outbox.number_after(cart.version, event);
        cart.apply(event.sequence, fact);
        if let Some(change) = self.changes.get_mut(&request.cart_id) {
            change.events.push(event);
        }
        Ok(())
    }

    /// Notes that the batch writes this cart, and which of its lines.
    fn touch(&mut self, cart_id: Uuid, sku: Option<String>) {
        let version = self.read.carts.get(&cart_id).map_or(0, |cart| cart.version);
        let expected = (!self.opened.contains(&cart_id)).then_some(version);
        let change = self.changes.entry(cart_id).or_insert_with(|| CartChange {
            cart_id,
            expected,
            cart: Cart::default(),
            touched: BTreeSet::new(),
            events: Vec::new(),
        });
        change.touched.extend(sku);
    }

    fn answer(&self, request: &CommandRequest, cart_id: Uuid) -> Result<Answer, OutboxError> {
        let empty = Cart::default();
        let cart = self.read.carts.get(&cart_id).unwrap_or(&empty);
        let render = || (self.render)(cart_id, cart, self.read.holds.get(&cart_id));
        let body = request.shows_cart.then(render).transpose()?;
        let version = cart.version;
        Ok(Answer { cart_id, version, change_version: Some(version), body, is_replayed: false })
    }

    fn remember(&mut self, request: &CommandRequest, version: i64) {
        let Some((key, fingerprint)) = request.idempotency.clone() else { return };
        let cart_id = request.cart_id;
        let used = UsedKey { key: key.clone(), fingerprint, cart_id, version: Some(version) };
        self.used_keys.insert(key, used.clone());
        self.new_keys.push(used);
    }
}
