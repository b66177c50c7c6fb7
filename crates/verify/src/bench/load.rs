//! Clients in a closed loop: each sends its next request when the one before has been answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::try_join_all;

use super::answers::Answers;
use super::products::PRODUCTS;
use super::requests::{Answer, Cart, Requests};

/// From one product to the next: a prime, so that the clients come by all of them.
const STEP: usize = 7919;

/// Some clients at work.
#[derive(Clone)]
pub struct Load {
    pub clients: usize,
    pub until: Until,
    pub carts: Carts,
    /// How many different products are added.
    pub products: usize,
    /// Whether only what the answer's status says is asked for.
    pub is_minimal: bool,
}

/// When no more requests are started.
#[derive(Clone, Copy)]
pub enum Until {
    Elapsed(Duration),
    Additions(usize),
}

/// Which carts are added to.
#[derive(Clone)]
pub enum Carts {
    /// Each client opens one after the other, and adds this often to each.
    Own { additions: usize },
    /// Each client adds to one of these, in turn.
    Given(Vec<Arc<Cart>>),
}

/// Says who may go on.
struct Turns {
    until: Instant,
    left: AtomicUsize,
}

impl Load {
    /// Ten different products in each cart, as long as given.
    pub fn usual(clients: usize, until: Until) -> Self {
        let carts = Carts::Own { additions: 10 };
        Self { clients, until, carts, products: PRODUCTS, is_minimal: false }
    }

    /// Runs it against these addresses.
    pub async fn run(&self, urls: &[String]) -> anyhow::Result<Answers> {
        let requests = Requests::new(urls.to_vec(), self.clients)?;
        let requests = Arc::new(if self.is_minimal { requests.minimal() } else { requests });
        let began = Instant::now();
        let turns = Arc::new(Turns::new(self.until, began));
        let clients = (0..self.clients).map(|number| {
            tokio::spawn(client(self.clone(), number, Arc::clone(&requests), Arc::clone(&turns)))
        });
        let mut all = Vec::new();
        for answers in try_join_all(clients).await? {
            all.extend(answers?);
        }
        Ok(Answers { all, took: began.elapsed(), repeated: requests.repeated() })
    }
}

async fn client(
    load: Load,
    number: usize,
    requests: Arc<Requests>,
    turns: Arc<Turns>,
) -> anyhow::Result<Vec<Answer>> {
    let mut answers = Vec::new();
    let mut product = number;
    loop {
        let (cart, additions) = match &load.carts {
            Carts::Own { additions } => (Arc::new(requests.open().await?), *additions),
            Carts::Given(carts) => {
                let cart = carts.get(number % carts.len().max(1)).context("no cart")?;
                (Arc::clone(cart), usize::MAX)
            }
        };
        for _ in 0..additions {
            if !turns.take() {
                return Ok(answers);
            }
            product = (product + STEP) % load.products;
            answers.push(requests.add(&cart, product).await?);
        }
    }
}

impl Turns {
    fn new(until: Until, began: Instant) -> Self {
        // Longer than anybody waits.
        let long = Duration::from_hours(24);
        let (duration, left) = match until {
            Until::Elapsed(duration) => (duration, usize::MAX),
            Until::Additions(number) => (long, number),
        };
        Self { until: began + duration, left: AtomicUsize::new(left) }
    }

    /// Whether one more may be sent.
    fn take(&self) -> bool {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.is_ok() && Instant::now() < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_turns_as_asked_for() {
        let turns = Turns::new(Until::Additions(3), Instant::now());
        assert_eq!([turns.take(), turns.take(), turns.take(), turns.take()], [true, true, true, false]);
        assert!(!Turns::new(Until::Elapsed(Duration::ZERO), Instant::now()).take());
    }
}
