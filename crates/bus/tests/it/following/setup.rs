//! A service that publishes, and somebody who follows the log.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cartwheel_bus::{
    Broker, Bus, EventLog, Failure, Follower, Health, LogBatch, LogHandler, LogPosition, Lost,
};
use servers::Proxy;
use testkit::eventually;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, OrderPlaced, TIMEOUT, up};

/// What a follower has kept, and what it will fail at.
#[derive(Default)]
pub struct Kept {
    pub amounts: Vec<i64>,
    /// The number of events in each batch.
    pub batches: Vec<usize>,
    pub passed_over: usize,
    pub lost: Vec<Lost>,
    pub reached: Option<LogPosition>,
    /// It can't take an order of this amount.
    pub refuses: Option<i64>,
    /// How its next batches fail: before they are kept, or after.
    pub failures: VecDeque<When>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    BeforeTheCommit,
    AfterTheCommit,
}

/// Keeps the amounts of all orders together with the place, as a transaction would.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Kept>>);

impl Ledger {
    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub async fn until(&self, amounts: impl IntoIterator<Item = i64>) {
        let amounts: Vec<i64> = amounts.into_iter().collect();
        let what = format!("{} amounts", amounts.len());
        eventually(&what, TIMEOUT, async || (self.kept().amounts.len() >= amounts.len()).then_some(())).await;
        assert_eq!(self.kept().amounts, amounts);
    }
}

impl LogHandler for Ledger {
    async fn reached(&self, _: Option<LogPosition>) -> Result<Option<LogPosition>, Failure> {
        Ok(self.kept().reached.clone())
    }

    async fn take(&self, batch: &LogBatch) -> Result<(), Failure> {
        let mut kept = self.kept();
        let amounts: Vec<i64> = batch.events.iter().map(amount).collect();
        if amounts.iter().any(|amount| kept.refuses == Some(*amount)) {
            return Err(Failure::permanent("I can't take this amount"));
        }
        let failure = kept.failures.pop_front();
        if failure == Some(When::BeforeTheCommit) {
            return Err(Failure::transient("the database is away"));
        }
        kept.batches.push(amounts.len());
        kept.amounts.extend(amounts);
        kept.passed_over += batch.passed_over;
        kept.lost.extend(batch.lost);
        kept.reached = Some(batch.reached.clone());
        match failure {
            Some(_) => Err(Failure::transient("nobody knows whether it was committed")),
            None => Ok(()),
        }
    }
}

/// Keeps the amounts, and not how far it came.
#[derive(Clone, Default)]
pub struct Onlooker(pub Ledger);

impl LogHandler for Onlooker {
    async fn take(&self, batch: &LogBatch) -> Result<(), Failure> {
        self.0.take(batch).await
    }
}

fn amount(logged: &cartwheel_bus::Logged) -> i64 {
    logged.event().unwrap().read::<OrderPlaced>().unwrap().unwrap().amount
}

/// A service that publishes, and the log.
pub struct Setup {
    pub fixture: Fixture,
}

impl Setup {
    pub async fn new() -> Self {
        let mut fixture = Fixture::idle(testkit::servers().await).await;
        let settings = fixture.settings("orders").await;
        let orders = Bus::open(settings, fixture.orders_db.clone()).await.unwrap();
        fixture.outbox = orders.outbox();
        fixture.relay(&orders);
        Self { fixture }
    }

    /// Publishes orders of these amounts, and waits until the broker has confirmed them.
    pub async fn place(&self, amounts: Range<i64>) {
        let orders: Vec<(&str, i64)> = amounts.map(|amount| ("dan", amount)).collect();
        self.fixture.place(&orders).await;
        self.fixture.until_published().await;
    }

    /// Starts a follower, as a user that may read the log and nothing else.
    pub async fn follow<H: LogHandler>(
        &self,
        handler: H,
        set: impl FnOnce(Follower<H>) -> Follower<H>,
    ) -> Following {
        let url = self.fixture.space.broker_user("reader", "^$", "^$", "^event-log$").await;
        let link = Proxy::to(&url, 5672).await.unwrap();
        let log = EventLog::new(Broker::new(link.url(&url).unwrap(), "reader"));
        let follower = set(Follower::new(log, handler));
        let (health, stop) = (follower.health(), CancellationToken::new());
        let task = tokio::spawn(follower.run(stop.clone()));
        let following = Following { health, link, stop, task };
        up(&following.health).await;
        following
    }

    pub async fn end(self) {
        self.fixture.end().await;
    }
}

/// A follower at work.
pub struct Following {
    pub health: Health,
    /// Its connection to the broker.
    pub link: Proxy,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Following {
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// Batches of many.
pub fn large<H: LogHandler>(follower: Follower<H>) -> Follower<H> {
    follower.starting_at(cartwheel_bus::Start::First).batches_of(10_000, Duration::from_millis(300))
}
