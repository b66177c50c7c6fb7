//! The products of one database in memory, and how they follow what is committed there.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use bus::{Health, SqlErrorKind};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
use tracing::warn;

use crate::search::listing::Listed;
use crate::search::product_index::ProductIndex;
use crate::store::{self, Changes, ProductsPart, Seen};

/// How often somebody looks though nobody searches: what a search has to read first stays little.
const PAUSE: Duration = Duration::from_secs(5);
/// How soon after a look that failed.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// How long one statement may take: then its connection counts as half open. All searches wait for it.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(35);
/// How many products are put into memory before searches may go on.
const AT_ONCE: usize = 200;

/// What is known of the products. Clones know the same.
#[derive(Clone)]
pub struct KnownProducts {
    pool: PgPool,
    index: Arc<RwLock<ProductIndex>>,
    looks: Arc<Mutex<Looks>>,
}

#[derive(Default)]
struct Looks {
    seen: Seen,
    last: Option<Look>,
}

/// A look that is over.
struct Look {
    began: Instant,
    /// The database's time, or why it failed.
    outcome: Result<DateTime<Utc>, String>,
}

impl KnownProducts {
    /// Knows none yet.
    pub fn new(pool: PgPool) -> Self {
        Self { pool, index: Arc::default(), looks: Arc::default() }
    }

    /// Looks for changes, for as long as the service runs. It is healthy once it knows all products: a search that came
    /// before that would have to wait.
    pub async fn keep_up(self, health: Health) {
        loop {
            health.busy();
            let looked = self.look().await;
            health.idle();
            let pause = match looked {
                Ok(_) => {
                    health.up();
                    PAUSE
                }
                Err(error) => {
                    let kind = SqlErrorKind::of(&error);
                    if health.down(&error.to_string()) {
                        warn!(%error, ?kind, "the products can't be read, and so not be searched; trying again");
                    }
                    RETRY_PAUSE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes notice of everything that has been committed by now. Returns the database's time.
    ///
    /// It may have all products to read. So who waits has no connection to the database; and a look that has begun goes on
    /// when whoever began it gives up.
    pub async fn look(&self) -> sqlx::Result<DateTime<Utc>> {
        let asked_at = Instant::now();
        let looks = Arc::clone(&self.looks).lock_owned().await;
        // Somebody else has looked while this one waited.
        if let Some(last) = looks.last.as_ref().filter(|last| last.began > asked_at) {
            return last.outcome.clone().map_err(|reason| sqlx::Error::Io(std::io::Error::other(reason)));
        }
        let looking = tokio::spawn(self.clone().look_now(looks));
        looking.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    /// What has been seen of the products' changes. As much of them is known, or more.
    pub async fn seen(&self) -> Seen {
        self.looks.lock().await.seen.clone()
    }

    /// The products as they are known.
    pub fn index(&self) -> RwLockReadGuard<'_, ProductIndex> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look_now(self, mut looks: OwnedMutexGuard<Looks>) -> sqlx::Result<DateTime<Utc>> {
        let began = Instant::now();
        let read = self.read_changes(&mut looks.seen).await;
        let outcome = read.as_ref().copied().map_err(ToString::to_string);
        looks.last = Some(Look { began, outcome });
        read
    }

    async fn read_changes(&self, seen: &mut Seen) -> sqlx::Result<DateTime<Utc>> {
        let changes = bus::within(ANSWER_TIMEOUT, async {
            let mut connection = self.pool.acquire().await?;
            store::changes_since(&mut connection, seen).await
        });
        let Changes { listed, seen: until, now } = changes.await?;
        match listed {
            Some(listed) => self.put(listed).await,
            None => self.read_in_parts(seen).await?,
        }
        *seen = until;
        Ok(now)
    }

    /// All products that have changed, also those that change meanwhile. Each part is a statement of its own, so there may be
    /// as many as there are.
    async fn read_in_parts(&self, seen: &Seen) -> sqlx::Result<()> {
        let mut after = Some(String::new());
        while let Some(last) = after {
            let part = bus::within(ANSWER_TIMEOUT, store::changed_after(&self.pool, seen, &last));
            let ProductsPart { changed, next } = part.await?;
            self.put(changed).await;
            after = next;
        }
        Ok(())
    }

    async fn put(&self, listed: Vec<Listed>) {
        let mut rest = listed.into_iter();
        while !rest.as_slice().is_empty() {
            self.put_some(rest.by_ref().take(AT_ONCE));
            if !rest.as_slice().is_empty() {
                tokio::task::yield_now().await;
            }
        }
    }

    fn put_some(&self, listed: impl Iterator<Item = Listed>) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        listed.for_each(|listed| index.put(listed));
    }
}
