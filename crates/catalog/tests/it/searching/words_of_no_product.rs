//! Words that are left over: of products that are not sold, or that are called otherwise now.

use std::time::Duration;

use serde_json::json;
use sqlx::PgPool;
use testkit::{eventually, until_number};

use crate::support::{Catalog, product};

const PATIENCE: Duration = Duration::from_secs(90);

/// A product that nobody can buy has all of the words.
#[tokio::test]
async fn what_is_not_sold_keeps_nobody_from_what_has_some_of_the_words() {
    let catalog = Catalog::with(&[product("M", "Red mug", 1), product("L", "Blue lantern", 1)]).await;
    assert_eq!(catalog.found("q=red%20lantern").await.len(), 2);
    catalog.put("R", "Red lantern", 1).await;
    assert_eq!(catalog.found("q=red%20lantern").await, ["R"]);
    catalog.retire("R").await;
    catalog.put_with("S", &json!({"name": "Red lantern", "published_from": "2200-01-01T00:00:00Z"})).await;
    let page = catalog.search("q=red%20lantern").await;
    assert_eq!((&page["total"], &page["all_words"]), (&json!(2), &json!(false)), "{page}");
}

/// Two words were one in the name of a product that is not sold any more.
#[tokio::test]
async fn two_words_that_were_one_are_two_again() {
    let products = [product("1", "Teapot", 1), product("2", "Tea towel", 1), product("3", "Pot holder", 1)];
    let catalog = Catalog::with(&products).await;
    assert_eq!(catalog.found("q=tea%20pot").await, ["1"]);
    catalog.retire("1").await;
    let page = catalog.search("q=tea%20pot").await;
    assert_eq!((&page["total"], &page["all_words"]), (&json!(2), &json!(false)), "{page}");
    assert!(page.get("understood_as").is_none(), "{page}");
}

async fn rename(catalog: &Catalog, sku: &str, names: [&str; 2]) {
    for name in names {
        catalog.put(sku, name, 1).await;
    }
}

#[tokio::test]
async fn a_word_that_no_product_has_any_more_is_a_mistake_again() {
    let catalog = Catalog::open().await;
    rename(&catalog, "A", ["Lanterm", "Lantern"]).await;
    // It looks when it starts; the other one will look later.
    let other = catalog.another().await;
    let found = async || (other.found("q=lanterm").await == ["A"]).then_some(());
    eventually("the word is corrected", PATIENCE, found).await;
    assert_eq!(other.search("q=lanterm").await["understood_as"], "lantern");
    assert_eq!(catalog.found("q=lanterm").await, ["A"]);
}

async fn locks_on_entries_that_are_waited_for(pool: &PgPool) -> i64 {
    let waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'search_entries'::regclass AND NOT granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    sqlx::query_scalar(waiting).fetch_one(pool).await.unwrap()
}

/// Whoever writes it has found it among the words, and did not write it again.
#[tokio::test]
async fn a_word_that_is_used_again_at_that_moment_stays() {
    let catalog = Catalog::open().await;
    rename(&catalog, "A", ["Lanterm", "Lantern"]).await;
    rename(&catalog, "B", ["Mugg", "Mug"]).await;
    let mut writing = catalog.pool.begin().await.unwrap();
    for statement in [
        "UPDATE products SET name = 'Lanterm', changed_by = pg_current_xact_id(), revision = revision + 1,
                             searchable_revision = revision + 1 WHERE sku = 'A'",
        "UPDATE search_entries SET words = array_to_tsvector(ARRAY['a', 'lanterm']) WHERE sku = 'A'",
    ] {
        sqlx::query(statement).execute(&mut *writing).await.unwrap();
    }
    // From here on nobody can remove a word. An instance that looked before has removed these.
    let words = "INSERT INTO search_words (word) VALUES ('lanterm'), ('mugg') ON CONFLICT DO NOTHING";
    sqlx::query(words).execute(&catalog.pool).await.unwrap();
    let other = catalog.another().await;
    let waits = async || (locks_on_entries_that_are_waited_for(&catalog.pool).await > 0).then_some(());
    eventually("somebody wants to remove words", PATIENCE, waits).await;
    bus::commit(writing).await.unwrap();
    // It was left over, too.
    until_number(&catalog.pool, "SELECT count(*) FROM search_words WHERE word = 'mugg'", 0, PATIENCE).await;
    until_number(&catalog.pool, "SELECT count(*) FROM search_words WHERE word = 'lanterm'", 1, PATIENCE)
        .await;
    assert_eq!(other.found("q=lanter").await, ["A"]);
}
