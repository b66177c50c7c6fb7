//! Replays baskets: each in a cart of its own, its lines one after the other, many carts at once.

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
use super::storefront::{Failure, Shopper, Storefront};
use crate::history::{Change, Entry, HistoryFile, PendingRequest};
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
    /// How many additions were refused, by the type of problem, with the detail of the first.
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
        for request in requests {
            self.ask(request.cart, &request.token, request.key, &request.sku, request.quantity, &mut got)
                .await?;
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
        while let Some(basket) = work.baskets.get(work.next.fetch_add(1, Ordering::Relaxed)) {
            let shopper = basket.shopper.as_ref();
            let shopper =
                shopper.map(|shopper| Shopper { email: shopper.email(), language: shopper.language.clone() });
            let cart = self.storefront.open(Uuid::new_v4(), shopper.as_ref()).await?;
            self.history.write(&Entry::Opened {
                cart: cart.id,
                token: cart.token.as_str().into(),
                addressed: shopper.is_some(),
            })?;
            got.carts.push(cart.id);
            for BasketLine { sku, quantity } in &basket.lines {
                self.pace.turn().await;
                let key = Uuid::new_v4();
                let at = Clock::system().now().timestamp();
                let (cart_id, quantity) = (cart.id, *quantity);
                self.history.write(&Entry::Asked {
                    key,
                    cart: cart_id,
                    sku: sku.as_str().into(),
                    quantity,
                    at,
                })?;
                self.ask(cart_id, &cart.token, key, sku, quantity, &mut got).await?;
                work.progress.one_more();
            }
        }
        Ok(got)
    }

    /// Asks for an addition and records the answer.
    async fn ask(
        &self,
        cart: Uuid,
        token: &str,
        key: Uuid,
        sku: &str,
        quantity: i64,
        got: &mut Replayed,
    ) -> anyhow::Result<()> {
        let change = Change::Add { sku: sku.to_owned(), quantity };
        match self.storefront.change(cart, token, key, &change).await {
            Ok(version) => {
                got.acknowledged.push(Acknowledged { cart, version, at: Instant::now() });
                self.history.write(&Entry::Acknowledged { key, version })
            }
            Err(Failure::Refused { problem, detail }) => {
                self.history.write(&Entry::Refused { key, problem: problem.as_str().into() })?;
                got.refused.entry(problem).or_insert((0, detail)).0 += 1;
                Ok(())
            }
            Err(unanswered @ Failure::Unanswered(_)) => Err(unanswered).context(
                "an addition stays unanswered; the next demo repeats it with the same key and checks it",
            ),
        }
    }
}

impl Replayed {
    fn merge(&mut self, other: Self) {
        self.carts.extend(other.carts);
        self.acknowledged.extend(other.acknowledged);
        for (problem, (number, detail)) in other.refused {
            self.refused.entry(problem).or_insert((0, detail)).0 += number;
        }
    }
}
