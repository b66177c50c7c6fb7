//! What is parked, held or was ever seen holds up nothing that comes.

use std::time::{Duration, Instant};

use cartwheel_bus::Bus;
use lapin::options::QueuePurgeOptions;
use testkit::eventually;

use crate::fixture::{Fixture, TIMEOUT, up};

/// The longest that an event may wait for all the others.
const PAUSE: Duration = Duration::from_secs(2);

/// Parks events that fail whenever they are tried, each of a subject of its own; events behind one that waits for an
/// operator; and events whose predecessors nobody has. To the planner's statistics there is none of them.
async fn park(fixture: &Fixture, number: i64) {
    let mut transaction = fixture.billing_db.begin().await.unwrap();
    let parked = "INSERT INTO bus.parked (source, subject, sequence, type, body, state, next_attempt, gap_since)
                  SELECT '/orders/orders', $1 || number, 1, 'orders.order-placed.v1', 'no event', 'failed', now(), NULL
                  FROM generate_series(1, $2) AS number";
    sqlx::query(parked).bind("failing ").bind(number / 2).execute(&mut *transaction).await.unwrap();
    let behind = "INSERT INTO bus.parked (source, subject, sequence, type, body, state)
                  SELECT '/orders/orders', 'held', number, 'orders.order-placed.v1', 'no event',
                         CASE WHEN number = 1 THEN 'fatal' ELSE 'waiting' END
                  FROM generate_series(1, $1) AS number";
    sqlx::query(behind).bind(number / 4).execute(&mut *transaction).await.unwrap();
    let gaps = "INSERT INTO bus.parked (source, subject, sequence, type, body, state, gap_since)
                SELECT '/orders/orders', 'gap ' || number, 2, 'orders.order-placed.v1', 'no event', 'waiting',
                       now() - make_interval(secs => number * 0.001)
                FROM generate_series(1, $1) AS number";
    sqlx::query(gaps).bind(number / 4).execute(&mut *transaction).await.unwrap();
    // A look at a table whose rows aren't committed yet, as autovacuum may take it, finds pages and no rows.
    sqlx::query("ANALYZE bus.parked").execute(&fixture.billing_db).await.unwrap();
    cartwheel_bus::commit(transaction).await.unwrap();
}

async fn take_positions(fixture: &Fixture, number: i64) {
    let positions = "INSERT INTO bus.positions (source, subject, sequence, time)
                     SELECT '/orders/orders', 'subject ' || number, 7, now() FROM generate_series(1, $1) AS number";
    sqlx::query(positions).bind(number).execute(&fixture.billing_db).await.unwrap();
}

/// Publishes an order and returns how long it took until it was invoiced.
async fn order(fixture: &Fixture, amount: i64) -> Duration {
    let began = Instant::now();
    fixture.place(&[("ann", amount)]).await;
    let last = "SELECT max(amount) FROM invoices WHERE customer = 'ann'";
    eventually("the order is invoiced", TIMEOUT, async || {
        let newest: Option<i64> = sqlx::query_scalar(last).fetch_one(&fixture.billing_db).await.unwrap();
        (newest == Some(amount)).then_some(())
    })
    .await;
    began.elapsed()
}

async fn billing(fixture: &Fixture, gap_timeout: Duration) -> Bus {
    let settings = fixture.settings("billing").await.gap_timeout(gap_timeout);
    Bus::open(settings, fixture.billing_db.clone()).await.unwrap()
}

#[tokio::test]
async fn six_orders_are_taken_at_once_beside_a_hundred_thousand_parked_events_and_a_million_positions() {
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    let (orders, billing) = (fixture.bus("orders").await, billing(&fixture, Duration::from_secs(1)).await);
    take_positions(&fixture, 1_000_000).await;
    park(&fixture, 100_000).await;
    fixture.relay(&orders);
    fixture.consumer(&billing);
    // The queue's marker comes first.
    order(&fixture, 1).await;
    let tried = "SELECT least(count(*), 1) FROM bus.parked WHERE attempts > 0";
    fixture.until_number(&fixture.billing_db, tried, 1).await;
    for amount in 2..=7 {
        let took = order(&fixture, amount).await;
        assert!(took < PAUSE, "order {amount} took {took:?}");
    }
    let given_up = "SELECT least(count(*), 1) FROM bus.parked WHERE error LIKE 'waits for %'";
    fixture.until_number(&fixture.billing_db, given_up, 1).await;
    fixture.halt().await;
    let under_way = "SELECT count(*) FROM bus.gap_search";
    let under_way: i64 = sqlx::query_scalar(under_way).fetch_one(&fixture.billing_db).await.unwrap();
    assert_eq!(under_way, 1, "it stops in the middle of all that, and the next instance goes on");
    fixture.end().await;
}

/// Loses the first order of a customer in a log of this length, and orders on until nobody searches for it any more.
async fn search_a_log_of(length: i64) {
    let mut fixture = Fixture::idle(testkit::servers().await).await;
    let (orders, billing) = (fixture.bus("orders").await, billing(&fixture, Duration::from_secs(1)).await);
    fixture.relay(&orders);
    for chunk in 0..length / 1000 {
        let customer = format!("customer {chunk}");
        fixture.place(&(0..1000).map(|amount| (customer.as_str(), amount + 1)).collect::<Vec<_>>()).await;
    }
    fixture.until_published().await;
    // None of that is for billing to take, only to search.
    let channel = fixture.channel().await;
    channel.queue_purge("billing".into(), QueuePurgeOptions::default()).await.unwrap();
    let consumer = fixture.consumer(&billing);
    up(&consumer).await;
    order(&fixture, 1).await;

    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.append(&mut transaction, &[("gus", 1), ("gus", 2)]).await;
    let lost = "DELETE FROM bus.outbox WHERE subject = 'gus' AND sequence = 1";
    sqlx::query(lost).execute(&mut *transaction).await.unwrap();
    fixture.outbox.commit(transaction).await.unwrap();
    fixture.parked(1).await;
    let (mut amount, mut during) = (1, 0);
    let searching = "SELECT EXISTS (SELECT FROM bus.gap_search)";
    while fixture.parked_now().await[0].error.is_none() {
        amount += 1;
        let took = order(&fixture, amount).await;
        assert!(took < PAUSE / 2, "order {amount} took {took:?}");
        during +=
            i32::from(sqlx::query_scalar(searching).fetch_one(&fixture.billing_db).await.unwrap_or(false));
    }
    assert!(during > 2, "orders came during the search: {during}");
    let error = fixture.parked_now().await[0].error.clone().unwrap();
    assert!(error.contains("waits for 1, which neither the queue nor the event log has"), "{error}");
    fixture.end().await;
}

#[tokio::test]
async fn orders_are_taken_while_the_log_is_searched_for_a_lost_one() {
    search_a_log_of(20_000).await;
}

#[tokio::test]
#[ignore = "takes minutes: for the nightly run"]
async fn orders_are_taken_while_a_long_log_is_searched_for_a_lost_one() {
    search_a_log_of(214_000).await;
}

#[tokio::test]
async fn an_instance_goes_on_with_the_search_of_one_that_died() {
    let fixture = Fixture::with_relay().await;
    for chunk in 0..20 {
        let customer = format!("customer {chunk}");
        fixture.place(&(0..1000).map(|amount| (customer.as_str(), amount + 1)).collect::<Vec<_>>()).await;
    }
    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.append(&mut transaction, &[("zoe", 1), ("zoe", 2)]).await;
    let lost = "DELETE FROM bus.outbox WHERE subject = 'zoe' AND sequence = 1";
    sqlx::query(lost).execute(&mut *transaction).await.unwrap();
    fixture.outbox.commit(transaction).await.unwrap();
    fixture.until_published().await;

    let gap = |settings: cartwheel_bus::Settings| settings.gap_timeout(Duration::from_secs(1));
    let first = fixture.start(&fixture.handler, gap).await;
    let progress = "SELECT id::text, next_offset FROM bus.gap_search WHERE next_offset > 40";
    let (search, offset): (String, i64) = eventually("the search is under way", TIMEOUT, async || {
        sqlx::query_as(progress).fetch_optional(&fixture.billing_db).await.unwrap()
    })
    .await;
    first.kill().await;
    // The clock need not be turned: this is what a minute would do.
    let expired = "UPDATE bus.gap_search SET claimed_until = '-infinity' WHERE id = $1::uuid";
    sqlx::query(expired).bind(&search).execute(&fixture.billing_db).await.unwrap();

    let second = fixture.start(&fixture.handler, gap).await;
    let now = "SELECT id::text, next_offset FROM bus.gap_search";
    eventually("the search ends", TIMEOUT, async || {
        let now: Option<(String, i64)> =
            sqlx::query_as(now).fetch_optional(&fixture.billing_db).await.unwrap();
        if let Some((id, next)) = &now {
            assert!(*id == search && *next >= offset, "it went on from {offset}, not from the start: {next}");
        }
        now.is_none().then_some(())
    })
    .await;
    let parked = fixture.parked_now().await;
    assert!(parked.iter().any(|event| event.subject == "zoe" && event.error.is_some()), "{parked:?}");
    second.stop().await;
    fixture.end().await;
}
