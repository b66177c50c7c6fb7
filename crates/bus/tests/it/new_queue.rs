//! Where a service begins whose queue is new.

use std::time::Duration;

use cartwheel_bus::HealthState;
use chrono::{DateTime, Utc};
use sqlx::{ConnectOptions, Connection, PgConnection};
use testkit::eventually;

use crate::fixture::{Billing, Fixture, Frozen, TIMEOUT};

/// The orders are published, and nobody has ever taken one.
async fn idle_with_relay() -> Fixture {
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    let (orders, _) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    fixture
}

/// Billing's queue is made after the first of the orders.
async fn with_a_new_queue(before: &[(&str, i64)]) -> Fixture {
    let fixture = idle_with_relay().await;
    fixture.delete_queue("billing").await;
    fixture.place(before).await;
    fixture.until_published().await;
    fixture.apply().await;
    fixture
}

/// Waits until this many statements wait for a lock in billing's database.
async fn until_waiting(fixture: &Fixture, number: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    fixture.until_number(&fixture.billing_db, waiting, number).await;
}

/// Keeps everybody from noting where reading began, for as long as the connection is open.
async fn lock(fixture: &Fixture) -> PgConnection {
    let options = (*fixture.billing_db.connect_options()).clone();
    let mut connection =
        options.options([("idle_in_transaction_session_timeout", "0")]).connect().await.unwrap();
    let lock = "BEGIN; LOCK TABLE bus.catching_up IN EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
    connection
}

/// Places orders of which an instance that is not blocked gets its share.
async fn take_some(fixture: &Fixture) {
    let invoices = async || -> i64 {
        let invoices = sqlx::query_scalar("SELECT count(*) FROM invoices");
        invoices.fetch_one(&fixture.billing_db).await.unwrap()
    };
    let before = invoices().await;
    for customer in ["ann", "bob", "eve", "tom"] {
        fixture.place(&[(customer, 1)]).await;
        // A message of its own.
        fixture.until_published().await;
    }
    eventually("some are taken", TIMEOUT, async || (invoices().await > before).then_some(())).await;
}

/// Kills an instance that waits for a lock, with its connection to the database.
async fn kill(fixture: &Fixture, instance: Frozen) {
    instance.kill().await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
    sqlx::query(kill).execute(&fixture.billing_db).await.unwrap();
    until_waiting(fixture, 0).await;
}

#[tokio::test]
async fn a_new_service_that_decides_takes_no_event_from_before_its_queue() {
    let before: Vec<(&str, i64)> = (1..=10).map(|amount| ("dan", amount)).chain([("zoe", 1)]).collect();
    let fixture = with_a_new_queue(&before).await;
    fixture.place(&[("dan", 11), ("ann", 1)]).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until("dan", &[11]).await;
    fixture.place(&[("zoe", 2)]).await;
    fixture.until("zoe", &[2]).await;
    fixture.until("ann", &[1]).await;
    assert!(fixture.parked_now().await.is_empty());
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_service_whose_queue_is_deleted_before_it_has_taken_anything_is_not_new() {
    let fixture = idle_with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    let begun = "SELECT count(*) FROM bus.begun";
    fixture.until_number(&fixture.billing_db, begun, 1).await;
    instance.stop().await;
    fixture.place(&[("dan", 1), ("zoe", 1)]).await;
    fixture.until_published().await;
    fixture.delete_queue("billing").await;
    fixture.apply().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until("dan", &[1]).await;
    fixture.until("zoe", &[1]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn what_others_took_from_a_new_queue_is_not_its_beginning() {
    let fixture = with_a_new_queue(&[("dan", 1), ("zoe", 1)]).await;
    let lock = lock(&fixture).await;
    // It holds the marker, is frozen, and dies before it has noted where it begins.
    let first = fixture.start_freezable().await;
    until_waiting(&fixture, 1).await;
    let first = first.freeze();
    let second = fixture.start(&Billing::default(), |settings| settings).await;
    eventually("the second is at work", TIMEOUT, async || {
        (second.health.state() == HealthState::Up).then_some(())
    })
    .await;
    take_some(&fixture).await;
    second.stop().await;
    kill(&fixture, first).await;

    let third = fixture.start(&Billing::default(), |settings| settings).await;
    until_waiting(&fixture, 1).await;
    lock.close().await.unwrap();
    fixture.place(&[("dan", 2)]).await;
    fixture.until("dan", &[2]).await;
    assert!(fixture.invoices("zoe").await.is_empty(), "it would have decided again");
    third.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn the_smallest_beginning_counts_since_the_queue_was_made() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until_invoiced(1).await;
    fixture.delete_queue("billing").await;
    eventually("the queue is missing", TIMEOUT, async || {
        matches!(instance.health.state(), HealthState::Down(_)).then_some(())
    })
    .await;
    instance.stop().await;
    let progress = async || -> DateTime<Utc> {
        let progress = sqlx::query_scalar("SELECT max(time) FROM bus.positions");
        progress.fetch_one(&fixture.billing_db).await.unwrap()
    };
    let before = progress().await;
    fixture.place(&[("zoe", 1)]).await;
    fixture.until_published().await;
    fixture.apply().await;

    let lock = lock(&fixture).await;
    let first = fixture.start_freezable().await;
    until_waiting(&fixture, 1).await;
    let first = first.freeze();
    let second = fixture.start(&Billing::default(), |settings| settings).await;
    eventually("the second is at work", TIMEOUT, async || {
        (second.health.state() == HealthState::Up).then_some(())
    })
    .await;
    take_some(&fixture).await;
    second.stop().await;
    kill(&fixture, first).await;
    assert!(progress().await > before);

    let hangs = Billing { hangs_at: Some("zoe"), ..Billing::default() };
    let third = fixture.start(&hangs, |settings| settings).await;
    until_waiting(&fixture, 1).await;
    lock.close().await.unwrap();
    tokio::time::timeout(Duration::from_mins(1), hangs.hanging.notified()).await.unwrap();
    let noted: DateTime<Utc> =
        sqlx::query_scalar("SELECT since FROM bus.catching_up").fetch_one(&fixture.billing_db).await.unwrap();
    assert_eq!(noted, before);
    third.kill().await;
    let fourth = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until("zoe", &[1]).await;
    let sessions = "SELECT count(*) FROM bus.sessions";
    fixture.until_number(&fixture.billing_db, sessions, 0).await;
    fourth.stop().await;
    fixture.end_without_dead_letters().await;
}
