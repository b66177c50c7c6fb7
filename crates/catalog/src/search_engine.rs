//! Searches. PostgreSQL says what may be meant by a text; which products have the words, and what else a search needs to know of
//! each product, is in memory, so that finding, ranking and counting many thousands of them takes some milliseconds. Each
//! search first asks what has changed, so it knows of every change that was committed before it.

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
use crate::search::page::{PageEnd, Sort};
use crate::search::product_index::{Found, ProductIndex, Wanted};
use crate::search::query::{MOST_WORDS, SearchQuery};
use crate::search::text_normalization::words;
use crate::store::{self, Seen, StoredProduct};

/// How often somebody looks for products that another release wrote.
const INDEX_PAUSE: Duration = Duration::from_secs(30);

/// The products of one database, to be searched.
#[derive(Clone)]
pub struct SearchEngine {
    pool: PgPool,
    index: Arc<RwLock<ProductIndex>>,
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

impl SearchEngine {
    /// Knows no products yet; the first search gets to know them.
    pub fn new(pool: PgPool) -> Self {
        let seen = LastLook { seen: Seen::default(), began: None, now: DateTime::UNIX_EPOCH };
        Self { pool, index: Arc::default(), seen: Arc::new(Mutex::new(seen)) }
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
        let query = self.query(&words, request, &mut connection).await?;
        let (query, found) = self.find_in_memory(query, request, now);
        let products = store::find_all(&mut connection, &found.skus).await?;
        let corrected = query.as_ref().and_then(|query| query.corrected(&words));
        Ok(Answer { products, found, corrected, all: query.is_none_or(|query| query.all) })
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
            let mut products = self.index.write().unwrap_or_else(PoisonError::into_inner);
            changes.listed.into_iter().for_each(|listed| products.put(listed));
        }
        *last = LastLook { seen: changes.seen, began: Some(began), now: changes.now };
        Ok(last.now)
    }

    /// What the text asks for; on later pages what was understood on the first one.
    async fn query(
        &self,
        words: &[String],
        request: &Request,
        connection: &mut PgConnection,
    ) -> sqlx::Result<Option<SearchQuery>> {
        if let Some(end) = &request.after {
            return Ok(end.query().cloned());
        }
        if words.is_empty() {
            return Ok(None);
        }
        let words = words.get(..MOST_WORDS).unwrap_or(words);
        let vocabulary = store::vocabulary(connection, words).await?;
        Ok(Some(SearchQuery::read(words, &vocabulary)))
    }

    fn find_in_memory(
        &self,
        query: Option<SearchQuery>,
        request: &Request,
        now: DateTime<Utc>,
    ) -> (Option<SearchQuery>, Found) {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let is_first = request.after.is_none();
        let query = query.map(|query| if is_first { index.answerable(query, now) } else { query });
        let found = index.find(&Wanted {
            query: query.as_ref(),
            filter: &request.filter,
            sort: request.sort,
            after: request.after.as_ref(),
            asked: &request.asked(),
            limit: request.limit,
            count: request.count,
            now,
        });
        (query, found)
    }
}

impl Request {
    /// All but the page, as a short text: what is the same is asked the same.
    pub fn asked(&self) -> String {
        let hash = Sha256::digest(format!("{:?} {:?}", self.text, self.filter));
        BASE64_URL_SAFE_NO_PAD.encode(hash.get(..9).unwrap_or(&hash))
    }
}
