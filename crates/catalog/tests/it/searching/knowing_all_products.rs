//! What an instance knows of the products before it is asked, and how it gets to know many.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use sqlx::PgPool;
use testkit::eventually;
use tokio::task::JoinHandle;

use crate::support::{Catalog, product};

/// More than an instance has connections to the database.
const SEARCHES: usize = 60;

/// Neither those who wait nor those who give up keep others from anything.
#[tokio::test]
async fn searches_wait_until_all_products_are_read_and_hold_nothing_up() {
    let catalog = Catalog::with(&[product("A", "Lantern", 1)]).await;
    let mut lock = catalog.pool.begin().await.unwrap();
    let nobody_reads = "LOCK TABLE search_entries IN ACCESS EXCLUSIVE MODE";
    sqlx::query(nobody_reads).execute(&mut *lock).await.unwrap();
    let other =
        catalog.another_with(&["--lock-timeout-seconds", "60", "--statement-timeout-seconds", "60"]).await;

    let starting = json!({"healthy": false, "parts": {"database": "up", "search": "starting"}});
    assert_eq!(other.get("/health/ready").await, (StatusCode::SERVICE_UNAVAILABLE, starting));
    let search = || {
        let other = other.clone();
        tokio::spawn(async move { other.found("q=lantern").await })
    };
    let searches: Vec<_> = (0..SEARCHES).map(|_| search()).collect();
    for _ in 0..20 {
        assert_eq!(other.get("/products/A").await.0, StatusCode::OK, "it has a connection");
    }
    assert!(searches.iter().all(|search| !search.is_finished()));
    searches.iter().take(SEARCHES / 2).for_each(JoinHandle::abort);
    assert_eq!(other.get("/products/A").await.0, StatusCode::OK);

    lock.rollback().await.unwrap();
    for search in searches.into_iter().skip(SEARCHES / 2) {
        assert_eq!(search.await.unwrap(), ["A"]);
    }
    let ready = async || (other.get("/health/ready").await.0 == StatusCode::OK).then_some(());
    eventually("the instance is ready", Duration::from_secs(20), ready).await;
}

/// All statements in one transaction.
async fn carry_out(pool: &PgPool, statements: &[&'static str]) {
    let mut transaction = pool.begin().await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(&mut *transaction).await.unwrap();
    }
    bus::commit(transaction).await.unwrap();
}

/// More than are read at once, at the start and when they change later.
#[tokio::test]
async fn thousands_of_products_are_read_in_parts() {
    let catalog = Catalog::with(&[product("A", "Lantern", 1)]).await;
    assert_eq!(catalog.search("").await["total"], 1);
    let more = [
        "INSERT INTO products (sku, name, folded_name, amount, currency, searchable_revision)
         SELECT 'SKU' || n, 'Mug', 'mug', 1, 'GBP', 1 FROM generate_series(1, 7000) AS n",
        "INSERT INTO search_entries (sku, words)
         SELECT 'SKU' || n, array_to_tsvector(ARRAY['mug', 'sku' || n]) FROM generate_series(1, 7000) AS n",
    ];
    carry_out(&catalog.pool, &more).await;
    let other = catalog.another().await;
    for instance in [&catalog, &other] {
        assert_eq!(instance.search("").await["total"], 7001);
        assert_eq!(instance.search("q=mug&limit=1").await["total"], 7000);
        assert_eq!(instance.found("q=sku7000").await, ["SKU7000"]);
    }
    let fewer =
        "UPDATE products SET retired = true, changed_by = pg_current_xact_id(), revision = revision + 1,
                                     searchable_revision = searchable_revision + 1
                 WHERE sku NOT IN ('A', 'SKU5000')";
    carry_out(&catalog.pool, &[fewer]).await;
    for instance in [&catalog, &other] {
        assert_eq!(instance.found("").await, ["A", "SKU5000"]);
    }
}
