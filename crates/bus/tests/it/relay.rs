//! How relays publish what is in the outbox, when several run and when servers fail.

use std::time::Duration;

use cartwheel_bus::{Bus, Health, Settings};
use lapin::types::FieldTable;
use servers::Proxy;
use testkit::eventually;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, TIMEOUT, down, pool, up};

/// A relay of "orders" whose connections to its servers can be cut and stalled.
struct Remote {
    broker: Proxy,
    database: Proxy,
    health: Health,
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Remote {
    /// `broker_settings` are added to the broker's URL.
    async fn new(fixture: &Fixture, broker_settings: &str, confirm_timeout: Duration) -> Self {
        let broker_url = fixture.broker_url("orders").await;
        let database_url = fixture.space.database("orders").await;
        let broker = Proxy::to(&broker_url, 5672).await.unwrap();
        let database = Proxy::to(&database_url, 5432).await.unwrap();
        let url = format!("{}{broker_settings}", broker.url(&broker_url).unwrap());
        let settings = Settings::new("orders", &url).publishes(["orders.orders"]);
        let settings = settings.confirm_timeout(confirm_timeout);
        let url = database.url(&database_url).unwrap();
        let relay = Bus::open(settings, pool(&url).await).await.unwrap().relay();
        let (health, stop) = (relay.health(), CancellationToken::new());
        let task = tokio::spawn(relay.run(stop.clone()));
        Self { broker, database, health, task, stop }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

async fn idle() -> Fixture {
    Fixture::idle(testkit::servers().await).await
}

/// With the consumer of "billing", and no relay.
async fn consuming() -> Fixture {
    let mut fixture = idle().await;
    let billing = fixture.bus("billing").await;
    fixture.consumer(&billing);
    fixture
}

/// With the consumer of "billing" and two relays, of which the first is active.
async fn two_relays() -> (Fixture, Remote, Remote) {
    let fixture = consuming().await;
    let first = Remote::new(&fixture, "", TIMEOUT).await;
    up(&first.health).await;
    eventually("the first is active", TIMEOUT, async || (active(&fixture).await == 1).then_some(())).await;
    let second = Remote::new(&fixture, "", TIMEOUT).await;
    up(&second.health).await;
    (fixture, first, second)
}

/// How many relays there are, active or not: each has one session.
async fn sessions(fixture: &Fixture) -> i64 {
    let sessions = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'orders relay'";
    sqlx::query_scalar(sessions).fetch_one(&fixture.orders_db).await.unwrap()
}

async fn active(fixture: &Fixture) -> i64 {
    let locks = "SELECT count(*) FROM pg_locks
                 WHERE locktype = 'advisory' AND granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    sqlx::query_scalar(locks).fetch_one(&fixture.orders_db).await.unwrap()
}

#[tokio::test]
async fn of_several_relays_one_is_active_and_another_takes_over_when_it_ends() {
    let (fixture, first, second) = two_relays().await;
    eventually("both are there", TIMEOUT, async || (sessions(&fixture).await == 2).then_some(())).await;
    assert_eq!(active(&fixture).await, 1, "the second is ready, but waits");

    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    // As a crash does: nothing is finished or closed in order.
    first.task.abort();
    fixture.place(&[("dan", 2)]).await;
    fixture.until("dan", &[1, 2]).await;
    assert_eq!(active(&fixture).await, 1);
    second.end().await;
    fixture.end().await;
}

#[tokio::test]
async fn a_relay_that_is_cut_off_from_its_database_is_replaced() {
    let (fixture, first, second) = two_relays().await;

    first.database.cut();
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    down(&first.health).await;
    assert!(second.health.is_up());

    first.database.open();
    up(&first.health).await;
    second.end().await;
    fixture.place(&[("dan", 2)]).await;
    fixture.until("dan", &[1, 2]).await;
    first.end().await;
    fixture.end().await;
}

#[tokio::test]
async fn a_relay_whose_connection_to_the_database_is_half_open_is_replaced_and_says_so() {
    let (fixture, first, second) = two_relays().await;

    first.database.stall();
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    assert_eq!(down(&first.health).await, "the database did not answer in time");
    assert!(second.health.is_up());
    first.database.open();
    up(&first.health).await;
    first.end().await;
    second.end().await;
    fixture.end().await;
}

#[tokio::test]
async fn what_a_relay_publishes_after_it_was_replaced_changes_nothing() {
    let fixture = consuming().await;
    // A heartbeat would end the connection that is stalled, and with it the test.
    let first = Remote::new(&fixture, "?heartbeat=120", TIMEOUT).await;
    up(&first.health).await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;

    first.broker.stall();
    fixture.place(&[("dan", 2), ("dan", 3), ("zoe", 1)]).await;
    let publishing = "SELECT count(*) FROM pg_stat_activity
                      WHERE application_name = 'orders relay' AND query = 'SELECT 1'
                        AND datname = current_database()";
    eventually("the first has published and waits", TIMEOUT, async || {
        let number: i64 = sqlx::query_scalar(publishing).fetch_one(&fixture.orders_db).await.unwrap();
        (number == 1).then_some(())
    })
    .await;
    // It loses its lock; what it has published is still on its way.
    first.database.cut();
    let second = Remote::new(&fixture, "", TIMEOUT).await;
    fixture.until("dan", &[1, 2, 3]).await;
    fixture.place(&[("dan", 4), ("zoe", 2)]).await;
    fixture.until("zoe", &[1, 2]).await;
    assert_eq!(fixture.duplicates.number(), 0);

    first.broker.open();
    eventually("the late messages", TIMEOUT, async || (fixture.duplicates.number() == 3).then_some(())).await;
    assert_eq!(
        (fixture.invoices("dan").await, fixture.invoices("zoe").await),
        (vec![1, 2, 3, 4], vec![1, 2])
    );
    first.end().await;
    second.end().await;
    fixture.end().await;
}

#[tokio::test]
async fn a_message_that_comes_back_as_unroutable_stays_in_the_outbox_until_there_is_a_queue() {
    let mut fixture = idle().await;
    let orders = fixture.bus("orders").await;
    let channel = fixture.channel().await;
    let (log, exchange) = (cartwheel_bus::EVENT_LOG.into(), "orders.orders".into());
    fixture.delete_queue("billing").await;
    channel.queue_unbind(log, exchange, "#".into(), FieldTable::default()).await.unwrap();

    let health = fixture.relay(&orders);
    up(&health).await;
    fixture.place(&[("dan", 1)]).await;
    let reason = down(&health).await;
    assert_eq!(
        reason, "no queue is bound to the exchange for orders.order-placed.v1: run `topology`",
        "though the broker has confirmed it"
    );
    assert_eq!(fixture.waiting().await, 1);

    fixture.apply().await;
    let billing = fixture.bus("billing").await;
    fixture.consumer(&billing);
    fixture.until("dan", &[1]).await;
    fixture.until_published().await;
    up(&health).await;
    fixture.end().await;
}

#[tokio::test]
async fn a_broker_that_confirms_nothing_in_time_is_left_for_another_connection() {
    let fixture = consuming().await;
    let relay = Remote::new(&fixture, "?heartbeat=120&connection_timeout=3000", Duration::from_secs(2)).await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    fixture.until_published().await;
    relay.broker.stall();
    fixture.place(&[("dan", 2)]).await;
    assert_eq!(down(&relay.health).await, "the broker did not confirm in time");
    assert_eq!(fixture.waiting().await, 1);
    eventually("it tries another connection", TIMEOUT, async || {
        down(&relay.health).await.contains(" did not answer").then_some(())
    })
    .await;
    relay.broker.open();
    fixture.until("dan", &[1, 2]).await;
    fixture.until_published().await;
    up(&relay.health).await;
    relay.end().await;
    fixture.end().await;
}

#[tokio::test]
async fn an_event_that_is_committed_after_a_later_one_was_published_is_not_skipped() {
    let mut fixture = idle().await;
    let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
    fixture.relay(&orders);
    fixture.consumer(&billing);
    let mut slow = fixture.orders_db.begin().await.unwrap();
    fixture.append(&mut slow, &[("ann", 1)]).await;
    // Long enough for the relay to look only behind what it has deleted, see `relay::scan_start`.
    for amount in 1..=50 {
        fixture.place(&[("dan", amount)]).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    fixture.until("dan", &(1..=50).collect::<Vec<_>>()).await;
    let ids = "SELECT count(*) FROM bus.outbox";
    assert_eq!(
        sqlx::query_scalar::<_, i64>(ids).fetch_one(&mut *slow).await.unwrap(),
        1,
        "the slow one alone"
    );
    cartwheel_bus::commit(slow).await.unwrap();
    fixture.until("ann", &[1]).await;
    fixture.end().await;
}
