//! The words that products have, and had: what a search text is understood by.

use std::collections::HashSet;

use service::in_index_order;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

use super::search::{Seen, changes_since};
use crate::search::vocabulary::{Known, Vocabulary, asked};

/// How many words are read at once.
const WORDS_AT_ONCE: i64 = 5_000;

/// Some of the words, in order.
pub struct WordsPart {
    /// The words.
    pub words: Vec<String>,
    /// The last one, if there may be more after it.
    pub next: Option<String>,
}

/// What is known about the words of a search text.
pub async fn vocabulary(connection: &mut PgConnection, words: &[String]) -> sqlx::Result<Vocabulary> {
    let (words, is_corrected): (Vec<String>, Vec<bool>) = asked(words).into_iter().unzip();
    // It sorts after every letter. Not written into the statement: a database of another encoding could not read it.
    let last = "\u{10FFFF}";
    let select = "SELECT given.word, first.word = given.word AS is_word, first.word IS NOT NULL AS is_beginning, near.words
                  FROM unnest($1::text[], $2::boolean[]) AS given (word, is_corrected)
                  LEFT JOIN LATERAL (
                      SELECT word FROM search_words
                      WHERE word >= given.word AND word < given.word || $3 ORDER BY word LIMIT 1
                  ) AS first ON true
                  LEFT JOIN LATERAL (
                      SELECT array_agg(word) AS words FROM similar_words(given.word) AS word
                      WHERE given.is_corrected AND first.word IS NULL
                  ) AS near ON true";
    let rows = sqlx::query(select).bind(words).bind(is_corrected).bind(last).fetch_all(connection).await?;
    let known = |row: &PgRow| {
        let known = Known {
            is_word: row.try_get::<Option<bool>, _>("is_word")?.unwrap_or(false),
            is_beginning: row.try_get("is_beginning")?,
            similar: row.try_get::<Option<Vec<String>>, _>("words")?.unwrap_or_default(),
        };
        Ok((row.try_get("word")?, known))
    };
    rows.iter().map(known).collect()
}

/// The next words behind this one.
pub async fn words_after(pool: &PgPool, last: &str) -> sqlx::Result<WordsPart> {
    let select = "SELECT word FROM search_words WHERE word > $1 ORDER BY word LIMIT $2";
    let mut transaction = in_index_order(pool).await?;
    let select = sqlx::query_scalar(select).bind(last).bind(WORDS_AT_ONCE);
    let words: Vec<String> = select.fetch_all(&mut *transaction).await?;
    transaction.rollback().await?;
    let is_full = i64::try_from(words.len()).is_ok_and(|number| number >= WORDS_AT_ONCE);
    let next = words.last().filter(|_| is_full).cloned();
    Ok(WordsPart { words, next })
}

/// Removes words that no product had when these changes had been seen, but for those that some has by now.
pub async fn remove_unused_words(pool: &PgPool, seen: &Seen, mut words: Vec<String>) -> sqlx::Result<()> {
    // Writers wait meanwhile. While one is slow, others must not queue behind this one for long.
    let mut transaction = pool.begin_with("BEGIN; SET LOCAL lock_timeout = '1s'").await?;
    // Whoever writes a product, in each release, writes its entry first, and then the words that it does not find. So nobody
    // has found a word whose entry is not committed yet, and whoever comes later finds that the word is gone.
    let lock = "LOCK TABLE search_entries IN SHARE ROW EXCLUSIVE MODE";
    sqlx::query(lock).execute(&mut *transaction).await?;
    let Some(changed) = changes_since(&mut transaction, seen).await?.listed else {
        return transaction.rollback().await;
    };
    let used: HashSet<&str> = changed.iter().flat_map(|listed| listed.words.split(' ')).collect();
    words.retain(|word| !used.contains(word.as_str()));
    let delete = "DELETE FROM search_words WHERE word = ANY($1)";
    sqlx::query(delete).bind(words).execute(&mut *transaction).await?;
    bus::commit(transaction).await
}
