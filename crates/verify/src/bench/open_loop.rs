//! Requests that start by a schedule, and so also while others wait for their answers.

use std::sync::Arc;

use anyhow::Context;
use futures::future::try_join_all;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

use super::answers::Answers;
use super::products::PRODUCTS;
use super::requests::{Answer, Cart, Requests};
use super::schedule::{ADDITIONS_PER_CART, Schedule};

/// How many carts are opened at the same time.
const OPENING: usize = 32;
const CONNECTIONS: usize = 256;
/// How many requests are under way at most, each of which needs a connection. What waits longer for its turn takes longer: it
/// counts from when it was scheduled.
const UNDER_WAY: usize = 2048;

/// Carts that were opened for a schedule.
pub struct Prepared {
    requests: Arc<Requests>,
    carts: Vec<Arc<Cart>>,
    schedule: Schedule,
}

impl Prepared {
    /// Opens all carts, so that later there are additions only.
    pub async fn open(schedule: Schedule, urls: &[String]) -> anyhow::Result<Self> {
        let requests = Arc::new(Requests::new(urls.to_vec(), CONNECTIONS)?);
        let mut carts = Vec::with_capacity(schedule.carts());
        while carts.len() < schedule.carts() {
            let opening = (0..OPENING.min(schedule.carts() - carts.len())).map(|_| requests.open());
            carts.extend(try_join_all(opening).await?.into_iter().map(Arc::new));
        }
        Ok(Self { requests, carts, schedule })
    }

    /// Sends all additions. How long one took counts from the moment for which it was scheduled.
    pub async fn run(self) -> anyhow::Result<Answers> {
        let began = Instant::now();
        let turns = Arc::new(Semaphore::new(UNDER_WAY));
        let mut sent = Vec::with_capacity(self.schedule.requests());
        for request in 0..self.schedule.requests() {
            let scheduled = began + self.schedule.moment(request);
            sleep_until(scheduled).await;
            let (number, before) = self.schedule.place(request);
            // A product of its own for each addition to a cart.
            let product = (number * ADDITIONS_PER_CART + before) % PRODUCTS;
            let cart = self.carts.get(number).cloned().context("a request without a cart")?;
            let (requests, turns) = (Arc::clone(&self.requests), Arc::clone(&turns));
            sent.push(tokio::spawn(async move {
                let _turn = turns.acquire().await?;
                let answer = requests.add(&cart, product).await?;
                anyhow::Ok(Answer { took: scheduled.elapsed(), ..answer })
            }));
        }
        let mut all = Vec::with_capacity(sent.len());
        for answer in try_join_all(sent).await? {
            all.push(answer?);
        }
        Ok(Answers { all, took: began.elapsed(), repeated: self.requests.repeated() })
    }
}
