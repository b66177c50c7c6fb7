use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::TestShop;

const OTHERS: usize = 200;

/// The rows of one command can't be written, for a reason that nobody foresaw: here a constraint that the test adds. The
/// commands that share its transaction are written all the same, and it is found in few transactions.
#[tokio::test]
async fn a_command_that_can_not_be_written_fails_alone_and_holds_up_no_other() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    shop.sell(&["LANTERN", "POISON"]).await;
    let storefront = shop.storefront();
    let carts = join_all((0..=OTHERS).map(|_| storefront.open(None))).await;
    let database = shop.database("cart").await;
    // A sequence counts transactions that are rolled back, too.
    sqlx::raw_sql(
        "ALTER TABLE lines ADD CONSTRAINT poison CHECK (sku <> 'POISON');
         CREATE SEQUENCE tries;
         CREATE FUNCTION count_try() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
             'BEGIN PERFORM nextval(''public.tries''); RETURN NULL; END';
         CREATE TRIGGER tries BEFORE UPDATE ON carts FOR EACH STATEMENT EXECUTE FUNCTION count_try();",
    )
    .execute(&database)
    .await
    .unwrap();

    // While the first command waits for this lock, the others gather.
    let mut lock = database.begin().await.unwrap();
    sqlx::query("LOCK TABLE carts IN EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let unlock = async {
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'carts'::regclass";
        shop.until("cart", waits, 1).await;
        for _ in 0..5 {
            storefront.get(&carts[0]).await;
        }
        lock.rollback().await.unwrap();
    };
    let additions = join_all(carts.iter().enumerate().map(|(i, cart)| {
        let sku = if i == OTHERS / 3 { "POISON" } else { "LANTERN" };
        storefront.try_add(cart, sku, 1)
    }));
    let (answers, ()) = futures::join!(additions, unlock);

    for (i, answer) in answers.into_iter().enumerate() {
        let expected = if i == OTHERS / 3 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
        assert_eq!(answer.status(), expected, "{i}");
        if expected != StatusCode::OK {
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["type"], "/problems/internal");
        }
    }
    let tries = shop.count("cart", "SELECT last_value FROM tries").await;
    assert!(tries < 60, "{tries} transactions for {OTHERS} commands");
    shop.end().await;
}
