//! Learns what the journal says, whichever instance wrote it, and shows it to this instance's readers.

mod quality;
mod telling;

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

use self::quality::Solver;
use crate::model::{Change, Model, Policy, Showcase};
use crate::store::{self, Journal, Read};

/// How often it looks for something new, as long as there is little.
const LOOK_EVERY: Duration = Duration::from_millis(80);
/// It rests so many times as long as it worked: then it takes a fifth of a core at most. Under load more changes come
/// together, and a row that many of them touch is made once for all.
const REST: u32 = 4;
/// How long it waits when the database can't be read.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// So many rows are made anew at a time; with what is left the next look begins. They take some 50 ms, which is how much
/// later than without them something new is learned.
const ROWS_AT_ONCE: usize = 2000;
/// So many changes make a new snapshot worth its while: to learn them takes a second at a start.
const SNAPSHOT_EVERY: i64 = 100_000;

/// What a learner needs to be told.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How often the quality tier is solved; never without.
    pub quality_every: Option<Duration>,
    /// Which suggestions are told of.
    pub told: Policy,
}

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Learned {
    /// There is more in the journal.
    More,
    /// It has learned all there was, and some rows are still as they were.
    AllButRows,
    /// Everything is as the journal says.
    All,
}

/// Learns. There is one in each instance.
pub struct Learner {
    pool: PgPool,
    outbox: Outbox,
    options: Options,
    showcase: Arc<Showcase>,
    model: Model,
    learned: Journal,
    snapshot: Journal,
    solver: Solver,
}

impl Learner {
    /// Learns what is known so far, before anybody asks.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn start(pool: PgPool, outbox: Outbox, options: Options) -> anyhow::Result<Self> {
        let mut learner = Self {
            pool,
            outbox,
            options,
            showcase: Arc::default(),
            model: Model::default(),
            learned: Journal::default(),
            snapshot: Journal::default(),
            solver: Solver::every(options.quality_every),
        };
        learner.load().await?;
        while learner.learn().await? != Learned::All {}
        Ok(learner)
    }

    /// What readers look at.
    pub fn showcase(&self) -> Arc<Showcase> {
        self.showcase.clone()
    }

    /// Learns until it is stopped.
    pub async fn run(mut self, health: Health, stop: CancellationToken) {
        health.up();
        let mut wait = LOOK_EVERY;
        while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
            let begun = Instant::now();
            match self.look().await {
                Ok(()) => {
                    health.up();
                    wait = LOOK_EVERY.max(REST * begun.elapsed());
                }
                Err(error) => {
                    let reason = format!("{error:#}");
                    if health.down(&reason) {
                        warn!("nothing new is learned for now: {reason}");
                    }
                    wait = RETRY_AFTER;
                }
            }
        }
    }

    async fn look(&mut self) -> anyhow::Result<()> {
        // What comes while it works can wait until it has rested.
        while self.learn().await? == Learned::More {
            self.tell().await?;
        }
        self.tell().await?;
        self.improve().await?;
        if self.learned.upto - self.snapshot.upto >= SNAPSHOT_EVERY {
            self.save().await?;
        }
        Ok(())
    }

    /// Learns what comes next.
    async fn learn(&mut self) -> anyhow::Result<Learned> {
        match self.learned.read(&self.pool).await.context("reading the journal")? {
            Read::Next { changes, left } => {
                let is_learned = changes.is_empty() && self.model.is_fresh();
                let stale = if is_learned { 0 } else { self.refresh(changes).await? };
                tell_unlearned(left);
                Ok(match (left, stale) {
                    (0, 0) => Learned::All,
                    (0, _) => Learned::AllButRows,
                    _ => Learned::More,
                })
            }
            Read::Elsewhere => {
                info!("beginning anew: what was learned is no longer what counts");
                self.load().await?;
                Ok(Learned::More)
            }
        }
    }

    async fn refresh(&mut self, changes: Vec<Change>) -> anyhow::Result<usize> {
        self.with_model(move |model| {
            for change in &changes {
                model.learn(change);
            }
            model.refresh(ROWS_AT_ONCE)
        })
        .await
    }

    /// Works on the model where nobody waits for the thread.
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
                // The model is gone with the thread. There is no such epoch, so the next look begins anew.
                self.learned.epoch = -1;
                Err(error).context("working on the model")
            }
        }
    }

    async fn load(&mut self) -> anyhow::Result<()> {
        let (place, model) = snapshot(&self.pool).await?;
        self.model = model;
        self.model.show_on(self.showcase.clone());
        (self.learned, self.snapshot) = (place, place);
        Ok(())
    }

    async fn save(&mut self) -> anyhow::Result<()> {
        let place = self.learned;
        let parts = self.with_model(|model| model.snapshot()).await??;
        store::save_snapshot(&self.pool, place, &parts).await.context("saving a snapshot")?;
        self.snapshot = place;
        Ok(())
    }
}

#[allow(clippy::cast_precision_loss, reason = "Prometheus counts in floats")]
fn tell_unlearned(changes: i64) {
    gauge!(UNLEARNED.name, "service" => "recommend").set(changes as f64);
}

/// The model as the last snapshot has it, and where the journal goes on from there; an empty one if there is none.
async fn snapshot(pool: &PgPool) -> anyhow::Result<(Journal, Model)> {
    let (place, parts) = store::load_snapshot(pool).await.context("reading the snapshot")?;
    if parts.is_empty() {
        return Ok((place, Model::default()));
    }
    let model = spawn_blocking(move || Model::restore(&parts)).await?;
    let model = model.context("the snapshot can't be read; 'cartwheel rebuild recommend' makes a new one")?;
    Ok((place, model))
}

/// The model as a start would have it now, for those who check it.
///
/// # Errors
/// When the database or the snapshot can't be read.
pub async fn restored(pool: &PgPool) -> anyhow::Result<Model> {
    let (mut place, mut model) = snapshot(pool).await?;
    while let Read::Next { changes, left } = place.read(pool).await? {
        for change in &changes {
            model.learn(change);
        }
        if left == 0 {
            break;
        }
    }
    model.refresh(usize::MAX);
    Ok(model)
}
