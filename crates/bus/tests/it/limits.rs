//! Nothing waits for the database without a limit.

use std::time::{Duration, Instant};

use cartwheel_bus::{Bus, DatabaseLimits};
use futures::future::join_all;
use servers::Proxy;
use sqlx::PgPool;
use testkit::eventually;

use crate::fixture::{Billing, Fixture, TIMEOUT, up};

/// Short ones, so that a test needn't wait for long.
const LIMITS: DatabaseLimits = DatabaseLimits {
    statement: Some(Duration::from_secs(2)),
    lock: Duration::from_secs(1),
    idle_in_transaction: Duration::from_secs(4),
};

async fn limited(fixture: &Fixture, limits: DatabaseLimits) -> PgPool {
    limits.connect((*fixture.billing_db.connect_options()).clone(), 10).await.unwrap()
}

/// With the relay and a consumer of this pool at work.
async fn at_work(pool: impl AsyncFnOnce(&Fixture) -> PgPool, handler: Billing) -> Fixture {
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    fixture.handler = handler;
    let pool = pool(&fixture).await;
    let settings = fixture.settings("billing").await.handling_timeout(Duration::from_secs(20));
    let (orders, billing) = (fixture.bus("orders").await, Bus::open(settings, pool).await.unwrap());
    fixture.relay(&orders);
    up(&fixture.consumer(&billing)).await;
    fixture
}

async fn waiting_for_locks(fixture: &Fixture) -> i64 {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    sqlx::query_scalar(waiting).fetch_one(&fixture.billing_db).await.unwrap()
}

#[tokio::test]
async fn an_instance_that_is_frozen_inside_a_transaction_keeps_its_locks_for_seconds_only() {
    let fixture = at_work(async |fixture| limited(fixture, LIMITS).await, Billing::default()).await;
    fixture.place(&[("ann", 1), ("dan", 1), ("zoe", 1)]).await;
    fixture.until_invoiced(3).await;
    // To the server, a frozen process is one that does nothing.
    let frozen = limited(&fixture, LIMITS).await;
    let mut transaction = frozen.begin().await.unwrap();
    let lock = "SELECT FROM bus.positions WHERE subject = 'ann' FOR UPDATE";
    sqlx::query(lock).execute(&mut *transaction).await.unwrap();

    let began = Instant::now();
    fixture.place(&[("ann", 2), ("dan", 2), ("zoe", 2)]).await;
    let mut most = 0;
    eventually("all are taken", TIMEOUT, async || {
        most = most.max(waiting_for_locks(&fixture).await);
        (fixture.invoices("ann").await == [1, 2] && fixture.invoices("zoe").await == [1, 2]).then_some(())
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(30), "it took {:?}", began.elapsed());
    // The consumer's and, perhaps, that of the task beside it.
    assert!(most <= 2, "{most} sessions waited at once");
    assert!(sqlx::query("SELECT 1").execute(&mut *transaction).await.is_err(), "its session was ended");
    fixture.end().await;
}

#[tokio::test]
async fn a_batch_that_is_given_up_leaves_no_session_waiting() {
    // Nothing but the client's own limit ends it.
    let patient = DatabaseLimits { statement: None, lock: TIMEOUT, ..LIMITS };
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    let pool = limited(&fixture, patient).await;
    let settings = fixture.settings("billing").await.handling_timeout(Duration::from_secs(2));
    let (orders, billing) = (fixture.bus("orders").await, Bus::open(settings, pool).await.unwrap());
    fixture.relay(&orders);
    up(&fixture.consumer(&billing)).await;
    fixture.place(&[("ann", 1)]).await;
    fixture.until_invoiced(1).await;

    let mut lock = fixture.billing_db.begin().await.unwrap();
    sqlx::query("LOCK TABLE invoices IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    fixture.place(&[("ann", 2)]).await;
    let (mut waited, mut most) = (0, 0);
    for _ in 0..120 {
        let waiting = waiting_for_locks(&fixture).await;
        (waited, most) = (waited + i64::from(waiting > 0), most.max(waiting));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(waited > 5, "batches waited");
    // Two seconds each, one until it is closed, and two until the server looks whether its client is still there.
    assert!(most <= 3, "{most} sessions waited at once");
    cartwheel_bus::commit(lock).await.unwrap();
    fixture.until("ann", &[1, 2]).await;
    fixture.end().await;
}

#[tokio::test]
async fn a_consumer_goes_on_when_its_connections_are_stalled_and_new_ones_work() {
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    let url = fixture.space.database("billing").await;
    let link = Proxy::to(&url, 5432).await.unwrap();
    let pool = LIMITS.connect(link.url(&url).unwrap().parse().unwrap(), 10).await.unwrap();
    let settings = fixture.settings("billing").await.handling_timeout(Duration::from_secs(3));
    let (orders, billing) = (fixture.bus("orders").await, Bus::open(settings, pool.clone()).await.unwrap());
    fixture.relay(&orders);
    up(&fixture.consumer(&billing)).await;
    for amount in 1..=5 {
        fixture.place(&[("ann", amount)]).await;
    }
    fixture.until_invoiced(5).await;
    // As many as there may be, so that none of them may be asked for long.
    let all: Vec<_> = join_all((0..10).map(|_| pool.acquire())).await;
    drop(all);
    link.stall_existing();
    let began = Instant::now();
    fixture.place(&[("ann", 6)]).await;
    fixture.until_invoiced(6).await;
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
    fixture.end().await;
}

#[tokio::test]
async fn an_event_that_takes_too_long_in_the_database_is_parked_and_the_others_are_taken() {
    let handler = Billing { too_slow_at: Some("ann"), ..Billing::default() };
    let fixture = at_work(async |fixture| limited(fixture, LIMITS).await, handler).await;
    let customers: Vec<String> = (0..20).map(|customer| format!("customer {customer}")).collect();
    let mut orders: Vec<(&str, i64)> = customers.iter().map(|customer| (customer.as_str(), 1)).collect();
    orders.insert(7, ("ann", 1));
    fixture.place(&orders).await;
    fixture.until_invoiced(20).await;
    let parked = fixture.parked(1).await;
    let error = parked[0].error.as_deref().unwrap();
    assert!(error.contains("statement timeout"), "{error}");
    // Alone it is at fault as well, in the end.
    fixture.place(&[("ann", 2)]).await;
    fixture.parked(2).await;
    fixture.end().await;
}

#[tokio::test]
async fn a_consumer_that_hangs_makes_no_progress() {
    let handler = Billing { hangs_at: Some("ann"), ..Billing::default() };
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    fixture.handler = handler;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    let health = fixture.consumer(&billing);
    fixture.place(&[("dan", 1)]).await;
    fixture.until_invoiced(1).await;
    eventually("it has nothing to do", TIMEOUT, async || health.without_progress().is_zero().then_some(()))
        .await;
    fixture.place(&[("ann", 1)]).await;
    eventually("it hangs", TIMEOUT, async || {
        (health.without_progress() > Duration::from_secs(2)).then_some(())
    })
    .await;
    assert!(health.is_up(), "it doesn't know");
}
