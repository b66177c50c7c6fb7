//! Replays baskets: each in a cart of its own, its lines one after the other, many carts at once. Some shoppers begin as guests,
//! whose carts are merged into theirs when they log in, and some think better of a line.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use envelope::Clock;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::dataset::{Basket, BasketLine};
use super::pace::Pace;
use super::storefront::{Cart, Failure, Shopper, Storefront};
use crate::history::{HistoryFile, HistoryLine, PendingRequest, RequestedChange};
use crate::progress::Progress;

/// Clients, and what they share.
pub struct Replay {
    storefront: Storefront,
    history: HistoryFile,
    pace: Pace,
}

/// What clients got.
#[derive(Default)]
pub struct Replayed {
    /// The carts that they opened.
    pub carts: Vec<Uuid>,
    /// The additions that were acknowledged.
    pub acknowledged: Vec<Acknowledged>,
    /// How many lines were removed.
    pub removed: u64,
    /// How many carts were merged into others.
    pub merged: u64,
    /// How many requests were refused, by the type of problem, with the detail of the first.
    pub refused: BTreeMap<String, (u64, String)>,
    /// How long it took.
    pub elapsed: Duration,
    /// How many clients there were.
    pub clients: usize,
}

/// An addition that was acknowledged.
pub struct Acknowledged {
    pub cart: Uuid,
    /// The cart's version after it.
    pub version: i64,
    /// When the client had the answer.
    pub at: Instant,
}

/// Baskets on their way, and how far they are.
struct Work {
    baskets: Vec<Basket>,
    next: AtomicUsize,
    progress: Progress,
}

/// What a shopper does besides adding lines.
#[derive(Clone, Copy)]
struct Visit {
    /// How many lines come into a guest's cart, before the shopper logs in.
    lines_as_guest: usize,
    removes_first_line: bool,
}

impl Replay {
    pub fn new(storefront: Storefront, history: HistoryFile, rate: Option<u32>) -> Self {
        Self { storefront, history, pace: Pace::new(rate) }
    }

    /// What clients asked for and were answered.
    pub fn history(&self) -> &HistoryFile {
        &self.history
    }

    /// Repeats, with the same keys, what an earlier run asked for and got no answer to. Returns how many there were.
    pub async fn repeat(&self, requests: &[PendingRequest]) -> anyhow::Result<usize> {
        let mut got = Replayed::default();
        for PendingRequest { key, cart, token, change, other_token, .. } in requests {
            let cart = Cart { id: *cart, token: token.clone() };
            self.ask(&cart, *key, change, other_token.as_deref(), &mut got).await?;
        }
        Ok(requests.len())
    }

    /// Replays baskets, in their order, with this many clients.
    pub async fn run(self: &Arc<Self>, baskets: Vec<Basket>, clients: usize) -> anyhow::Result<Replayed> {
        let start = Instant::now();
        let additions = baskets.iter().map(|basket| basket.lines.len() as u64).sum();
        let what = format!("replaying {} baskets", baskets.len());
        let work =
            Arc::new(Work { baskets, next: AtomicUsize::new(0), progress: Progress::new(what, additions) });
        let mut working = JoinSet::new();
        for _ in 0..clients {
            let (this, work) = (self.clone(), work.clone());
            working.spawn(async move { this.client(&work).await });
        }
        let mut replayed = Replayed { clients, ..Replayed::default() };
        while let Some(client) = working.join_next().await {
            replayed.merge(client??);
        }
        work.progress.finish();
        replayed.elapsed = start.elapsed();
        Ok(replayed)
    }

    /// One client: takes the next basket until there is none.
    async fn client(&self, work: &Work) -> anyhow::Result<Replayed> {
        let mut got = Replayed::default();
        loop {
            let number = work.next.fetch_add(1, Ordering::Relaxed);
            let Some(basket) = work.baskets.get(number) else { return Ok(got) };
            self.basket(basket, Visit::of(number, basket), &work.progress, &mut got).await?;
        }
    }

    async fn basket(
        &self,
        basket: &Basket,
        visit: Visit,
        progress: &Progress,
        got: &mut Replayed,
    ) -> anyhow::Result<()> {
        let shopper = basket.shopper.as_ref();
        let shopper =
            shopper.map(|shopper| Shopper { email: shopper.email(), language: shopper.language.clone() });
        let (as_guest, rest) = basket.lines.split_at(visit.lines_as_guest);
        let guest = if as_guest.is_empty() { None } else { Some(self.open(None, got).await?) };
        if let Some(guest) = &guest {
            self.add(guest, as_guest, progress, got).await?;
        }
        let cart = self.open(shopper.as_ref(), got).await?;
        self.add(&cart, &rest[..rest.len().min(1)], progress, got).await?;
        if let Some(Cart { id: from, token }) = guest {
            let (key, at) = (Uuid::new_v4(), Clock::system().now().timestamp());
            self.history.write(&HistoryLine::Merging { key, cart: cart.id, from, at })?;
            self.ask(&cart, key, &RequestedChange::Merge { from }, Some(&token), got).await?;
        }
        self.add(&cart, rest.get(1..).unwrap_or_default(), progress, got).await?;
        if let Some(BasketLine { sku, .. }) = basket.lines.first().filter(|_| visit.removes_first_line) {
            let (key, at) = (Uuid::new_v4(), Clock::system().now().timestamp());
            self.history.write(&HistoryLine::Removing {
                key,
                cart: cart.id,
                sku: sku.as_str().into(),
                at,
            })?;
            self.ask(&cart, key, &RequestedChange::Remove { sku: sku.clone() }, None, got).await?;
        }
        Ok(())
    }

    async fn open(&self, shopper: Option<&Shopper>, got: &mut Replayed) -> anyhow::Result<Cart> {
        let cart = self.storefront.open(Uuid::new_v4(), shopper).await?;
        self.history.write(&HistoryLine::Opened {
            cart: cart.id,
            token: cart.token.as_str().into(),
            addressed: shopper.is_some(),
        })?;
        got.carts.push(cart.id);
        Ok(cart)
    }

    async fn add(
        &self,
        cart: &Cart,
        lines: &[BasketLine],
        progress: &Progress,
        got: &mut Replayed,
    ) -> anyhow::Result<()> {
        for BasketLine { sku, quantity } in lines {
            self.pace.turn().await;
            let (key, at) = (Uuid::new_v4(), Clock::system().now().timestamp());
            let quantity = *quantity;
            let line = HistoryLine::Adding { key, cart: cart.id, sku: sku.as_str().into(), quantity, at };
            self.history.write(&line)?;
            self.ask(cart, key, &RequestedChange::Add { sku: sku.clone(), quantity }, None, got).await?;
            progress.one_more();
        }
        Ok(())
    }

    /// Asks for a change and records the answer.
    async fn ask(
        &self,
        cart: &Cart,
        key: Uuid,
        change: &RequestedChange,
        other_token: Option<&str>,
        got: &mut Replayed,
    ) -> anyhow::Result<()> {
        let answer = match (change, other_token) {
            (RequestedChange::Merge { from }, Some(token)) => {
                let from = Cart { id: *from, token: token.to_owned() };
                self.storefront.merge(cart, &from, key).await
            }
            _ => self.storefront.change(cart.id, &cart.token, key, change).await,
        };
        match answer {
            Ok(version) => {
                got.acknowledged(cart.id, version, change);
                self.history.write(&HistoryLine::Acknowledged { key, version })
            }
            Err(Failure::Refused { problem, detail }) => {
                self.history.write(&HistoryLine::Refused { key, problem: problem.as_str().into() })?;
                got.refused.entry(problem).or_insert((0, detail)).0 += 1;
                Ok(())
            }
            Err(unanswered @ Failure::Unanswered(_)) => Err(unanswered).context(
                "a change stays unanswered; the next demo repeats it with the same key and checks it",
            ),
        }
    }
}

impl Visit {
    /// Every fifth shopper whom the shop knows begins as a guest, and every seventh thinks better of the first line.
    fn of(number: usize, basket: &Basket) -> Self {
        let is_guest = number % 5 == 1 && basket.shopper.is_some() && basket.lines.len() > 2;
        let lines_as_guest = if is_guest { basket.lines.len() / 2 } else { 0 };
        Self { lines_as_guest, removes_first_line: number % 7 == 3 }
    }
}

impl Replayed {
    fn acknowledged(&mut self, cart: Uuid, version: i64, change: &RequestedChange) {
        match change {
            RequestedChange::Merge { .. } => self.merged += 1,
            RequestedChange::Remove { .. } => self.removed += 1,
            _ => self.acknowledged.push(Acknowledged { cart, version, at: Instant::now() }),
        }
    }

    fn merge(&mut self, other: Self) {
        self.removed += other.removed;
        self.merged += other.merged;
        self.carts.extend(other.carts);
        self.acknowledged.extend(other.acknowledged);
        for (problem, (number, detail)) in other.refused {
            self.refused.entry(problem).or_insert((0, detail)).0 += number;
        }
    }
}
