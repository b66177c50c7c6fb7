//! Decides a batch of commands in memory, one after the other, on what the database has.

use std::collections::{BTreeSet, HashMap, HashSet};

use bus::{Outbox, OutboxError};
use uuid::Uuid;

use crate::body::CartBody;
use crate::cart::{Cart, Command, Fact, Limits, Product, Refusal};
use crate::commands::{Answer, Outcome, Request, Unanswered};
use crate::store::{Answered, Change, Key, Read};

/// What is known while a batch is decided.
pub(crate) struct Batch<'a> {
    read: Read,
    products: HashMap<String, Product>,
    /// From earlier batches and from this one.
    answered: HashMap<Key, Answered>,
    /// Keys that were answered in this batch.
    new_answers: Vec<Key>,
    opened: HashSet<Uuid>,
    changes: HashMap<Uuid, Change>,
    limits: Limits,
    outbox: &'a Outbox,
}

impl<'a> Batch<'a> {
    pub fn new(
        read: Read,
        products: HashMap<String, Product>,
        answered: HashMap<Key, Answered>,
        limits: Limits,
        outbox: &'a Outbox,
    ) -> Self {
        let (new_answers, opened, changes) = (Vec::new(), HashSet::new(), HashMap::new());
        Self { read, products, answered, new_answers, opened, changes, limits, outbox }
    }

    /// Decides one command on top of those before it.
    pub fn decide(&mut self, request: &Request) -> Result<Outcome, OutboxError> {
        if let Some(again) = self.again(request) {
            return Ok(again);
        }
        let fact = match self.fact(request) {
            Ok(fact) => fact,
            Err(refusal) => return Ok(Err(Unanswered::Refused(refusal))),
        };
        if let Some(fact) = fact {
            self.change(request, &fact)?;
        }
        let answer = self.answer(request.cart_id)?;
        self.remember(request, &answer);
        Ok(Ok(answer))
    }

    /// What is to be written: the changes, and the answers to remember.
    pub fn finish(mut self) -> (Vec<Change>, Vec<Answered>) {
        let answers = self.new_answers.iter().filter_map(|key| self.answered.remove(key)).collect();
        let mut changes: Vec<Change> = self.changes.into_values().collect();
        for change in &mut changes {
            change.cart = self.read.carts.remove(&change.cart_id).unwrap_or_default();
        }
        (changes, answers)
    }

    /// The answer that this request got before, if its key is known.
    fn again(&self, request: &Request) -> Option<Outcome> {
        let (key, hash) = request.idempotency.as_ref()?;
        let before = self.answered.get(key)?;
        if before.request_hash != *hash {
            return Some(Err(Unanswered::Refused(Refusal::KeyReused)));
        }
        Some(Ok(Answer { cart_id: before.cart_id, body: before.answer.clone() }))
    }

    fn fact(&mut self, request: &Request) -> Result<Option<Fact>, Refusal> {
        let Request { cart_id, command, .. } = request;
        if matches!(command, Command::Open(_)) {
            self.read.carts.insert(*cart_id, Cart::default());
            self.opened.insert(*cart_id);
            self.touch(*cart_id, None);
        }
        let cart = self.read.carts.get(cart_id).ok_or(Refusal::UnknownCart)?;
        let product = command.sku().and_then(|sku| self.products.get(sku));
        cart.decide(*cart_id, command, product, self.limits)
    }

    fn change(&mut self, request: &Request, fact: &Fact) -> Result<(), OutboxError> {
        let event = fact.wrap(self.outbox, &request.cause)?;
        let sku = request.command.sku().map(str::to_owned);
        // Before the fact is folded in: a change begins with the version that it was decided on.
        self.touch(request.cart_id, sku);
        let Some(cart) = self.read.carts.get_mut(&request.cart_id) else { return Ok(()) };
        cart.apply(fact);
        let event = event.numbered(cart.version);
        if let Some(change) = self.changes.get_mut(&request.cart_id) {
            change.events.push(event);
        }
        Ok(())
    }

    /// Notes that the batch writes this cart, and which of its lines.
    fn touch(&mut self, cart_id: Uuid, sku: Option<String>) {
        let version = self.read.carts.get(&cart_id).map_or(0, |cart| cart.version);
        let expected = (!self.opened.contains(&cart_id)).then_some(version);
        let change = self.changes.entry(cart_id).or_insert_with(|| Change {
            cart_id,
            expected,
            cart: Cart::default(),
            touched: BTreeSet::new(),
            events: Vec::new(),
        });
        change.touched.extend(sku);
    }

    fn answer(&self, cart_id: Uuid) -> Result<Answer, OutboxError> {
        let empty = Cart::default();
        let cart = self.read.carts.get(&cart_id).unwrap_or(&empty);
        let body = serde_json::to_vec(&CartBody::new(cart_id, cart, self.read.holds.get(&cart_id)))?;
        Ok(Answer { cart_id, body })
    }

    fn remember(&mut self, request: &Request, answer: &Answer) {
        let Some((key, request_hash)) = request.idempotency.clone() else { return };
        let Answer { cart_id, body } = answer.clone();
        self.answered.insert(key.clone(), Answered { key: key.clone(), request_hash, cart_id, answer: body });
        self.new_answers.push(key);
    }
}
