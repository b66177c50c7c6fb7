//! SQL errors that somebody passes over: PostgreSQL rolls back at the commit, and says so as if it were a success.

use std::sync::atomic::Ordering;
use std::time::Duration;

use testkit::turn_clock;

use crate::fixture::Fixture;

#[tokio::test]
async fn an_event_whose_handler_passes_over_an_sql_error_is_parked_and_not_acknowledged_as_taken() {
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    fixture.handler.passes_over_errors = true;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    fixture.consumer(&billing);
    fixture.place(&[("dan", 40), ("ann", 60), ("ann", 0), ("ann", 25), ("zoe", 100)]).await;

    let parked = fixture.parked(2).await;
    fixture.until("dan", &[40]).await;
    fixture.until("zoe", &[100]).await;
    assert_eq!(fixture.invoices("ann").await, [60]);
    let error = parked[0].error.as_deref().unwrap();
    assert!(error.contains("passed over an SQL error"), "{error}");

    fixture.fixed.store(true, Ordering::Relaxed);
    turn_clock(&fixture.billing_db, Duration::from_hours(1)).await;
    fixture.until("ann", &[60, 0, 25]).await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn the_outbox_commits_nothing_in_silence_after_an_error_that_was_passed_over() {
    let fixture = Fixture::idle(testkit::servers().await).await;
    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.append(&mut transaction, &[("ann", 60)]).await;
    let _ = sqlx::query("SELECT 1 / $1").bind(0_i64).execute(&mut *transaction).await;
    let error = fixture.outbox.commit(transaction).await.unwrap_err();
    assert!(error.to_string().contains("transaction is aborted"), "{error}");

    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.append(&mut transaction, &[("ann", 60)]).await;
    let _ = sqlx::query("SELECT 1 / $1").bind(0_i64).execute(&mut *transaction).await;
    cartwheel_bus::commit(transaction).await.unwrap_err();
    assert_eq!(fixture.waiting().await, 0);
    fixture.place(&[("ann", 60)]).await;
    assert_eq!(fixture.waiting().await, 1, "the connection is fit for the next transaction");
    fixture.end().await;
}
