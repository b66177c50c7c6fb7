//! Learns the journal's changes, whichever instance wrote them, and publishes the model to this instance's readers.

mod ease_schedule;
mod publisher;
mod restore;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bus::{Health, Outbox};
use metrics::gauge;
use service::metrics::UNLEARNED;
use sqlx::PgPool;
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::ease_schedule::EaseSchedule;
use self::publisher::Publisher;
use crate::model::{Change, GramMatrix, MAX_SOLVED_PRODUCTS, Model, ModelHandle, Policy};
use crate::store::{self, JournalPosition, JournalRead};

pub use publisher::suggested_for;
pub use restore::restored;

/// How often it looks into the journal while there is little to learn.
const POLL_INTERVAL: Duration = Duration::from_millis(80);
/// It sleeps this many times as long as it worked, so it takes at most a fifth of a core. Under load it then learns
/// more changes at once, and computes the neighbours of a product that many of them touch only once.
const SLEEP_PER_WORK: u32 = 4;
/// How long it waits after a failure, usually because the database can't be reached.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// How long a piece of work may take in the database.
const DATABASE_TIMEOUT: Duration = Duration::from_mins(1);
/// The number of products whose neighbours are computed at once; the rest follows with the next changes. They take
/// some 50 ms, by which the next changes are learned later.
const PRODUCTS_PER_REFRESH: usize = 2000;
/// A snapshot is saved after this many changes, which a start learns in a second.
const CHANGES_PER_SNAPSHOT: i64 = 100_000;

/// A learner's settings.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How often EASE^R is solved; never, if there is no interval.
    pub ease_every: Option<Duration>,
    /// Which suggestions are published.
    pub published: Policy,
}

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// There is more in the journal.
    MoreToLearn,
    /// Everything is learned, but some products' neighbours are not computed yet.
    NeighboursStale,
    /// The model is as the journal says.
    UpToDate,
}

/// Keeps the model of this instance.
pub struct Learner {
    pool: PgPool,
    handle: Arc<ModelHandle>,
    model: Model,
    learned: JournalPosition,
    /// The position of the last saved snapshot.
    saved: JournalPosition,
    ease: EaseSchedule,
    publisher: Publisher,
}

impl Learner {
    /// Learns everything that is known so far.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn start(pool: PgPool, outbox: Outbox, options: Options) -> anyhow::Result<Self> {
        let handle = Arc::<ModelHandle>::default();
        let publisher = Publisher {
            pool: pool.clone(),
            outbox,
            handle: handle.clone(),
            policy: options.published,
            not_before: Instant::now(),
        };
        let mut learner = Self {
            pool,
            handle,
            model: Model::default(),
            learned: JournalPosition::default(),
            saved: JournalPosition::default(),
            ease: EaseSchedule::every(options.ease_every),
            publisher,
        };
        learner.restore().await?;
        while learner.learn().await? != Progress::UpToDate {}
        Ok(learner)
    }

    /// The handle through which readers reach the model.
    pub fn handle(&self) -> Arc<ModelHandle> {
        self.handle.clone()
    }

    /// Learns until `stop`.
    pub async fn run(mut self, health: Health, stop: CancellationToken) {
        health.up();
        let mut wait = POLL_INTERVAL;
        while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
            let begun = Instant::now();
            match self.work().await {
                Ok(()) => {
                    health.up();
                    wait = POLL_INTERVAL.max(SLEEP_PER_WORK * begun.elapsed());
                }
                Err(error) => {
                    let reason = format!("{error:#}");
                    if health.down(&reason) {
                        warn!("nothing new is learned until this is resolved: {reason}");
                    }
                    wait = RETRY_DELAY;
                }
            }
        }
    }

    async fn work(&mut self) -> anyhow::Result<()> {
        // Neighbours that are still stale wait until it has slept.
        while self.learn().await? == Progress::MoreToLearn {
            self.publisher.publish(self.learned.upto).await?;
        }
        self.publisher.publish(self.learned.upto).await?;
        self.solve_ease().await?;
        if self.learned.upto - self.saved.upto >= CHANGES_PER_SNAPSHOT {
            self.save().await?;
        }
        Ok(())
    }

    /// Learns the next changes.
    async fn learn(&mut self) -> anyhow::Result<Progress> {
        let read = bus::within(DATABASE_TIMEOUT, self.learned.read(&self.pool));
        match read.await.context("reading the journal")? {
            JournalRead::Next { changes, unreadable, left } => {
                if !unreadable.is_empty() {
                    store::set_aside(&self.pool, &unreadable).await.context("setting changes aside")?;
                }
                let nothing_new = changes.is_empty() && self.model.is_fresh();
                let stale = if nothing_new { 0 } else { self.refresh(changes).await? };
                record_unlearned(left);
                Ok(match (left, stale) {
                    (0, 0) => Progress::UpToDate,
                    (0, _) => Progress::NeighboursStale,
                    _ => Progress::MoreToLearn,
                })
            }
            JournalRead::Gone => {
                info!(
                    "the journal has moved on without this instance: learning from the last snapshot again"
                );
                self.restore().await?;
                Ok(Progress::MoreToLearn)
            }
        }
    }

    async fn refresh(&mut self, changes: Vec<Change>) -> anyhow::Result<usize> {
        self.with_model(move |model| {
            for change in &changes {
                model.learn(change);
            }
            model.refresh(PRODUCTS_PER_REFRESH)
        })
        .await
    }

    /// Takes weights that have been solved, and has new ones solved if it is time.
    async fn solve_ease(&mut self) -> anyhow::Result<()> {
        if let Some(weights) = self.ease.finished().await? {
            self.model.set_ease(weights);
        }
        if self.ease.is_due(self.learned.upto) {
            // Nothing is learned while the matrix is copied, which takes a moment; solving takes seconds and needs no
            // model.
            let matrix = self.with_model(|model| GramMatrix::of(model.sums(), MAX_SOLVED_PRODUCTS)).await?;
            self.ease.begin(matrix, self.learned.upto);
        }
        Ok(())
    }

    /// Works on the model on a thread that may block.
    async fn with_model<R: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Model) -> R + Send + 'static,
    ) -> anyhow::Result<R> {
        let mut model = std::mem::take(&mut self.model);
        let worked = spawn_blocking(move || {
            let result = work(&mut model);
            (model, result)
        });
        match worked.await {
            Ok((model, result)) => {
                self.model = model;
                Ok(result)
            }
            Err(error) => {
                // The model is lost with the thread. No journal has this epoch, so the next read leads to a restore.
                self.learned.epoch = -1;
                Err(error).context("working on the model")
            }
        }
    }

    async fn restore(&mut self) -> anyhow::Result<()> {
        let (position, model) = restore::saved(&self.pool).await?;
        self.model = model;
        self.model.publish_through(self.handle.clone());
        (self.learned, self.saved) = (position, position);
        Ok(())
    }

    async fn save(&mut self) -> anyhow::Result<()> {
        let position = self.learned;
        let parts = self.with_model(|model| model.serialize()).await??;
        let save = bus::within(DATABASE_TIMEOUT, store::save_snapshot(&self.pool, position, &parts));
        save.await.context("saving a snapshot")?;
        self.saved = position;
        Ok(())
    }
}

#[allow(clippy::cast_precision_loss, reason = "Prometheus counts in floats")]
fn record_unlearned(changes: i64) {
    gauge!(UNLEARNED.name, "service" => "recommend").set(changes as f64);
}
