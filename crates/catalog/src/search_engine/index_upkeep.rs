//! Keeps the words in PostgreSQL those of the products: another release may have written some, and some are of no product any
//! more.

use std::time::Duration;

use sqlx::PgPool;
use tracing::warn;

use super::known_products::{ANSWER_TIMEOUT, KnownProducts};
use crate::store::{self, WordsPart};

/// How often somebody looks, once nothing is left to do.
const PAUSE: Duration = Duration::from_secs(30);

/// The upkeep of the search's tables.
pub struct IndexUpkeep {
    pool: PgPool,
    products: KnownProducts,
    /// The last word that was looked at; the next round goes on behind it.
    last_word: String,
}

impl IndexUpkeep {
    /// Of the tables that these products are read from.
    pub fn new(pool: PgPool, products: KnownProducts) -> Self {
        Self { pool, products, last_word: String::new() }
    }

    /// Makes products searchable that another release wrote, and removes words that no product has any more, for as long as
    /// the service runs.
    pub async fn run(mut self) {
        if let Err(error) = bus::within(ANSWER_TIMEOUT, store::stamp_again(&self.pool)).await {
            warn!(%error, "the search's index could not be looked through");
        }
        loop {
            match bus::within(ANSWER_TIMEOUT, store::index_some(&self.pool)).await {
                Ok(0) => {
                    if let Err(error) = self.remove_unused_words().await {
                        warn!(%error, "words that no product has could not be removed; trying again");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(_) => {}
                Err(error) => {
                    warn!(%error, "products could not be made searchable; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Of some words each time. The products in memory say which of them may be unused; that is asked again while nobody can
    /// write products.
    async fn remove_unused_words(&mut self) -> sqlx::Result<()> {
        let WordsPart { words, next } =
            bus::within(ANSWER_TIMEOUT, store::words_after(&self.pool, &self.last_word)).await?;
        // Who has one of these words, and committed it, is known after a look.
        self.products.look().await?;
        let seen = self.products.seen().await;
        let unused = self.unknown(words);
        if !unused.is_empty() {
            bus::within(ANSWER_TIMEOUT, store::remove_unused_words(&self.pool, &seen, unused)).await?;
        }
        self.last_word = next.unwrap_or_default();
        Ok(())
    }

    fn unknown(&self, mut words: Vec<String>) -> Vec<String> {
        let index = self.products.index();
        words.retain(|word| !index.has_word(word));
        words
    }
}
