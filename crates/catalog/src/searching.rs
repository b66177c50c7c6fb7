//! Searches. PostgreSQL finds the products that have the words; what else a search needs to know of each product stands in
//! memory, so that ranking, filtering and counting many thousands of them takes no time. Each search first asks what has
//! changed, so it knows of every change that was committed before it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

use crate::search::filter::Filter;
use crate::search::fold::words;
use crate::search::page::{PageEnd, Sort};
use crate::search::question::{MOST_WORDS, Question};
use crate::search::shelf::{Found, Shelf, Wanted};
use crate::store::{self, Seen, StoredProduct};

/// How often somebody looks for products that another release wrote.
const INDEX_PAUSE: Duration = Duration::from_secs(30);

/// The products of one database, to be searched.
#[derive(Clone)]
pub struct Search {
    pool: PgPool,
    shelf: Arc<RwLock<Shelf>>,
    seen: Arc<Mutex<LastLook>>,
}

struct LastLook {
    seen: Seen,
    began: Option<Instant>,
    now: DateTime<Utc>,
}

/// A search.
#[derive(Clone, Debug)]
pub struct Request {
    /// The text; empty for everything.
    pub text: String,
    /// What the products have to be.
    pub filter: Filter,
    /// The order.
    pub sort: Sort,
    /// The end of the page before.
    pub after: Option<PageEnd>,
    /// The most products.
    pub limit: usize,
    /// Whether to count facets.
    pub count: bool,
}

/// What a search found.
pub struct Answer {
    /// The products of the page.
    pub products: Vec<StoredProduct>,
    /// Their number on all pages, the page's end, and the facets.
    pub found: Found,
    /// How the text was understood, where not as it was written.
    pub corrected: Option<String>,
    /// Whether each product answers all of the text.
    pub all: bool,
}

impl Search {
    /// Knows no products yet; the first search gets to know them.
    pub fn new(pool: PgPool) -> Self {
        let seen = LastLook { seen: Seen::default(), began: None, now: DateTime::UNIX_EPOCH };
        Self { pool, shelf: Arc::default(), seen: Arc::new(Mutex::new(seen)) }
    }

    /// Makes products searchable that another release wrote, for as long as the service runs.
    pub async fn keep_index(self) {
        if let Err(error) = store::stamp_again(&self.pool).await {
            warn!(%error, "the search's index could not be looked through");
        }
        loop {
            match store::index_some(&self.pool).await {
                Ok(0) => tokio::time::sleep(INDEX_PAUSE).await,
                Ok(_) => {}
                Err(error) => {
                    warn!(%error, "products could not be made searchable; trying again");
                    tokio::time::sleep(INDEX_PAUSE).await;
                }
            }
        }
    }

    /// Finds products.
    pub async fn find(&self, request: &Request) -> sqlx::Result<Answer> {
        let mut connection = self.pool.acquire().await?;
        let now = self.look(&mut connection).await?;
        let words = words(&request.text);
        let (question, numbers) = match self.question(&words, request, &mut connection).await? {
            Some(question) => self.numbers(question, request, now, &mut connection).await?,
            None => (None, None),
        };
        let found = self.shelf.read().unwrap_or_else(PoisonError::into_inner).find(&Wanted {
            numbers: numbers.as_deref(),
            question: question.as_ref(),
            filter: &request.filter,
            sort: request.sort,
            after: request.after.as_ref(),
            asked: &request.asked(),
            limit: request.limit,
            count: request.count,
            now,
        });
        let products = store::find_all(&mut connection, &found.skus).await?;
        let corrected = question.as_ref().and_then(|question| question.corrected(&words));
        Ok(Answer { products, found, corrected, all: question.is_none_or(|question| question.all) })
    }

    /// Takes notice of what has changed. Returns the database's time.
    async fn look(&self, connection: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
        let asked_at = Instant::now();
        let mut last = self.seen.lock().await;
        // Somebody else has looked while this one waited.
        if last.began.is_some_and(|began| began > asked_at) {
            return Ok(last.now);
        }
        let began = Instant::now();
        let changes = store::changes_since(connection, &last.seen).await?;
        if !changes.listed.is_empty() {
            let mut products = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
            changes.listed.into_iter().for_each(|listed| products.put(listed));
        }
        *last = LastLook { seen: changes.seen, began: Some(began), now: changes.now };
        Ok(last.now)
    }

    /// What the text asks for; on later pages what was understood on the first one.
    async fn question(
        &self,
        words: &[String],
        request: &Request,
        connection: &mut PgConnection,
    ) -> sqlx::Result<Option<Question>> {
        if let Some(end) = &request.after {
            return Ok(end.question().cloned());
        }
        if words.is_empty() {
            return Ok(None);
        }
        let words = words.get(..MOST_WORDS).unwrap_or(words);
        let vocabulary = store::vocabulary(connection, words).await?;
        Ok(Some(Question::read(words, &vocabulary)))
    }

    /// The products that have all words, or else some.
    async fn numbers(
        &self,
        question: Question,
        request: &Request,
        now: DateTime<Utc>,
        connection: &mut PgConnection,
    ) -> sqlx::Result<(Option<Question>, Option<Vec<i64>>)> {
        let numbers = store::numbers(connection, &question.to_tsquery()).await?;
        if !numbers.is_empty() || request.after.is_some() || question.terms.len() < 2 {
            return Ok((Some(question), Some(numbers)));
        }
        let question = question.of_some();
        let numbers = store::numbers(connection, &question.to_tsquery()).await?;
        let question =
            self.shelf.read().unwrap_or_else(PoisonError::into_inner).weighed(question, &numbers, now);
        Ok((Some(question), Some(numbers)))
    }
}

impl Request {
    /// All but the page, as a short text: what is the same is asked the same.
    pub fn asked(&self) -> String {
        let hash = Sha256::digest(format!("{:?} {:?}", self.text, self.filter));
        BASE64_URL_SAFE_NO_PAD.encode(hash.get(..9).unwrap_or(&hash))
    }
}
