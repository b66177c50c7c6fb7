//! A service's database comes back from a backup, and nothing is lost that the event log has, nor taken twice.

use cartwheel_bus::{Bus, Failure, OpenError, OwnEvents, RestoreError, Restored, Settings};
use envelope::Envelope;
use sqlx::PgConnection;
use testkit::eventually;

use crate::fixture::{Billing, Fixture, LogLines, OrderPlaced, TIMEOUT};

/// Writes orders down, as "orders" would have when they were placed.
struct Orders;

impl OwnEvents for Orders {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        for event in events {
            let Some(order) = event.read::<OrderPlaced>()? else { continue };
            if order.customer == "odd" {
                return Err(Failure::permanent("an order of nobody"));
            }
            let insert = sqlx::query("INSERT INTO placed (customer, amount) VALUES ($1, $2)");
            insert.bind(order.customer).bind(order.amount).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// Billing publishes nothing.
struct Nothing;

impl OwnEvents for Nothing {
    async fn import(&self, _events: &[&Envelope], _connection: &mut PgConnection) -> Result<(), Failure> {
        Ok(())
    }
}

/// Halts the relay, and makes a backup of the database of "orders".
async fn back_up_orders(fixture: &mut Fixture) {
    sqlx::query("CREATE TABLE placed (customer text, amount bigint)")
        .execute(&fixture.orders_db)
        .await
        .unwrap();
    fixture.until_published().await;
    fixture.halt().await;
    fixture.back_up("orders").await;
    let orders = fixture.bus("orders").await;
    fixture.relay(&orders);
}

/// Restores the database of "orders" and brings it up to date.
async fn restore_orders(fixture: &mut Fixture) -> Restored {
    fixture.halt().await;
    fixture.restore("orders").await;
    let bus = fixture.bus("orders").await;
    let restored = bus.restore(fixture.service("orders"), &Orders, Billing::default()).await.unwrap();
    let orders = fixture.bus("orders").await;
    fixture.relay(&orders);
    restored
}

async fn placed(fixture: &Fixture) -> Vec<(String, i64)> {
    let placed = sqlx::query_as("SELECT customer, amount FROM placed ORDER BY customer, amount");
    placed.fetch_all(&fixture.orders_db).await.unwrap()
}

async fn restore_billing(fixture: &Fixture, accept_short_log: bool) -> Result<Restored, RestoreError> {
    let settings = Settings::new("billing", &fixture.broker_url("billing").await);
    let settings = settings.accept_short_log(accept_short_log);
    let bus = Bus::open(settings, fixture.billing_db.clone()).await.unwrap();
    bus.restore(fixture.service("billing"), &Nothing, Billing::default()).await
}

#[tokio::test]
async fn a_publisher_takes_what_it_did_after_the_backup_from_the_log_and_nobody_misses_what_follows() {
    let mut fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1), ("dan", 2)]).await;
    back_up_orders(&mut fixture).await;
    fixture.place(&[("dan", 3), ("zoe", 1), ("odd", 1), ("dan", 4)]).await;
    fixture.until_invoiced(6).await;
    fixture.until_published().await;

    let restored = restore_orders(&mut fixture).await;
    assert!(restored.epoch > 0);
    assert_eq!((restored.imported, restored.incomplete.len()), (3, 0));
    assert_eq!(restored.failed.into_iter().collect::<Vec<_>>(), ["odd of orders.orders"]);
    assert_eq!(placed(&fixture).await, [("dan".into(), 3), ("dan".into(), 4), ("zoe".into(), 1)]);
    fixture.place(&[("dan", 5), ("zoe", 2), ("odd", 2), ("new", 1), ("new", 2)]).await;
    fixture.until_invoiced(11).await;
    assert_eq!(fixture.invoices("dan").await, [1, 2, 3, 4, 5]);
    for customer in ["zoe", "odd", "new"] {
        assert_eq!(fixture.invoices(customer).await, [1, 2], "{customer}");
    }

    // Once more, from the same backup: over the other epoch's events, too.
    let again = restore_orders(&mut fixture).await;
    assert!(again.epoch > restored.epoch);
    assert_eq!((again.imported, again.incomplete.len()), (3 + 4, 0));
    fixture.place(&[("dan", 6), ("new", 3)]).await;
    fixture.until_invoiced(13).await;
    assert_eq!((fixture.invoices("dan").await.len(), fixture.invoices("new").await), (6, vec![1, 2, 3]));
    assert!(fixture.doubled().await.is_empty());
    assert!(fixture.parked_now().await.is_empty());
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn what_backup_and_log_both_lack_is_lost_and_said_and_what_follows_is_taken() {
    let (log_lines, _guard) = LogLines::listen();
    let mut fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1), ("ann", 1)]).await;
    back_up_orders(&mut fixture).await;
    fixture.place(&[("dan", 2), ("dan", 3), ("zoe", 1)]).await;
    fixture.until_invoiced(5).await;
    fixture.until_published().await;
    fixture.halt().await;
    fixture.delete_queue("event-log").await;
    fixture.apply().await;

    let restored = restore_orders(&mut fixture).await;
    assert_eq!(restored.imported, 0);
    log_lines.take();
    fixture.place(&[("dan", 9), ("ann", 2), ("zoe", 9)]).await;
    fixture.until("dan", &[1, 2, 3, 9]).await;
    fixture.until("zoe", &[1, 9]).await;
    fixture.until("ann", &[1, 2]).await;
    let said = log_lines.take();
    let said = said.iter().filter(|line| line.contains("was restored from a backup")).count();
    assert_eq!(said, 2, "of dan and zoe more was taken than their publisher knows");
    let forks = "SELECT count(*) FROM bus.epoch_changes WHERE position > previous";
    fixture.until_number(&fixture.billing_db, forks, 2).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_consumer_takes_what_came_after_the_backup_from_the_log_once_each() {
    let mut fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1), ("ann", 1)]).await;
    fixture.until_invoiced(2).await;
    instance.stop().await;
    fixture.back_up("billing").await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 2), ("zoe", 1)]).await;
    fixture.until_invoiced(4).await;
    eventually("the running instance is seen", TIMEOUT, async || {
        let refused = restore_billing(&fixture, false).await;
        matches!(refused, Err(RestoreError::Running { .. })).then_some(())
    })
    .await;
    instance.stop().await;
    // These wait in the queue.
    fixture.place(&[("dan", 3)]).await;
    fixture.until_published().await;

    fixture.restore("billing").await;
    let restored = eventually("nobody runs", TIMEOUT, async || restore_billing(&fixture, false).await.ok());
    assert_eq!(restored.await.taken, 3);
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 4)]).await;
    fixture.until("dan", &[1, 2, 3, 4]).await;
    assert_eq!((fixture.invoices("ann").await, fixture.invoices("zoe").await), (vec![1], vec![1]));
    assert!(fixture.doubled().await.is_empty());
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_log_that_does_not_reach_back_to_the_backup_is_refused_unless_allowed() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until_invoiced(1).await;
    instance.stop().await;
    let ago = "UPDATE bus.positions SET time = now() - interval '1 day'";
    sqlx::query(ago).execute(&fixture.billing_db).await.unwrap();
    fixture.delete_queue("event-log").await;
    fixture.apply().await;
    fixture.place(&[("ann", 1)]).await;
    fixture.until_published().await;
    let refused = eventually("nobody runs", TIMEOUT, async || {
        restore_billing(&fixture, false).await.err().filter(|error| matches!(error, RestoreError::Bus(_)))
    });
    let refused = refused.await.to_string();
    assert!(refused.contains("this service has lost the events in between"), "{refused}");
    assert_eq!(restore_billing(&fixture, true).await.unwrap().taken, 1);
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn while_a_database_is_brought_up_to_date_no_instance_starts() {
    let fixture = Fixture::with_relay().await;
    fixture.place(&[("ann", 1)]).await;
    fixture.until_published().await;
    let hangs = Billing { hangs_at: Some("ann"), ..Billing::default() };
    let settings = Settings::new("billing", &fixture.broker_url("billing").await);
    let bus = Bus::open(settings.clone(), fixture.billing_db.clone()).await.unwrap();
    let (service, handler) = (fixture.service("billing").clone(), hangs.clone());
    let restoring = tokio::spawn(async move { bus.restore(&service, &Nothing, handler).await });
    hangs.hanging.notified().await;
    let refused = Bus::open(settings.clone(), fixture.billing_db.clone()).await.err().unwrap();
    assert!(matches!(refused, OpenError::BeingRestored(_)), "{refused}");
    restoring.abort();
    eventually("an instance starts", TIMEOUT, async || {
        Bus::open(settings.clone(), fixture.billing_db.clone()).await.ok()
    })
    .await;
    fixture.end_without_dead_letters().await;
}
