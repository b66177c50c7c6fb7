//! Searches. PostgreSQL says what may be meant by a text; which products have the words, and what else a search needs to know of
//! each product, is in memory, so that finding, ranking and counting many thousands of them takes some milliseconds. Each
//! search first asks what has changed, so it knows of every change that was committed before it.

mod index_upkeep;
mod known_products;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bus::Health;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};

use self::index_upkeep::IndexUpkeep;
use self::known_products::KnownProducts;
use crate::search::filter::Filter;
use crate::search::page::{PageEnd, Sort};
use crate::search::product_index::{Found, Wanted};
use crate::search::query::{MOST_WORDS, SearchQuery};
use crate::search::text_normalization::words;
use crate::store::{self, StoredProduct};

/// The products of one database, to be searched.
#[derive(Clone)]
pub struct SearchEngine {
    pool: PgPool,
    products: KnownProducts,
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
    /// Knows no products yet.
    pub fn new(pool: PgPool) -> Self {
        Self { products: KnownProducts::new(pool.clone()), pool }
    }

    /// Gets to know all products, and then what changes, for as long as the service runs.
    pub async fn keep_products(self, health: Health) {
        self.products.keep_up(health).await;
    }

    /// Keeps the search's tables right, for as long as the service runs.
    pub async fn keep_tables(self) {
        IndexUpkeep::new(self.pool, self.products).run().await;
    }

    /// Finds products. While not all are known yet, it waits.
    pub async fn find(&self, request: &Request) -> sqlx::Result<Answer> {
        let now = self.products.look().await?;
        let mut connection = self.pool.acquire().await?;
        let words = words(&request.text);
        let query = self.query(&words, request, &mut connection).await?;
        let (query, found) = self.find_in_memory(query, request, now);
        let products = store::find_all(&mut connection, &found.skus).await?;
        let corrected = query.as_ref().and_then(|query| query.corrected(&words));
        Ok(Answer { products, found, corrected, all: query.is_none_or(|query| query.all) })
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
        let index = self.products.index();
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
