use std::time::Duration;

use serde_json::json;

use crate::harness::TestShop;

const LINES: i64 = 60;
/// Rows that were read through an index, where a change finds those that it needs.
const READ: &str = "SELECT sum(idx_tup_fetch)::bigint FROM pg_stat_user_tables
                    WHERE schemaname = 'public' AND relname IN ('holds', 'lines', 'products')";
/// Each change writes its cart's row. What a session has read is counted with that.
const CHANGES: &str = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'carts'";

#[tokio::test(flavor = "multi_thread")]
async fn a_change_reads_none_of_its_carts_other_lines_though_they_are_in_the_answer() {
    let shop = TestShop::with(&["catalog", "cart", "inventory"]).await;
    let skus: Vec<String> = (0..LINES).map(|number| format!("P{number}")).collect();
    shop.sell(&skus.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    for sku in &skus {
        shop.stock(sku, 100).await;
        storefront.add(&cart, sku, 1).await;
    }
    shop.until("cart", "SELECT sum(held)::bigint FROM holds", LINES).await;
    // After this one, all holds are known.
    storefront.add(&cart, "P0", 1).await;
    let changes = LINES + 1;
    shop.until("cart", CHANGES, changes).await;
    let before = shop.count("cart", READ).await;

    let database = shop.database("cart").await;
    for change in 1..=10 {
        let held = "SELECT sum(held)::bigint FROM holds";
        testkit::until_number(&database, held, LINES + change, Duration::from_mins(1)).await;
        let answer = storefront.add(&cart, "P0", 1).await;
        let lines = answer["lines"].as_array().unwrap();
        let held = lines.iter().filter(|line| line["stock"]["status"] == "held").count();
        assert_eq!((lines.len(), held), (60, 59), "all but the one that was just changed: {}", json!(lines));
    }
    shop.until("cart", CHANGES, changes + 10).await;
    let read = shop.count("cart", READ).await - before;
    // Once in a while a change comes between the consumer's commit and its notice of it.
    assert!(read < 5 * LINES, "{read} rows for ten changes of one of {LINES} lines");
    shop.end().await;
}
