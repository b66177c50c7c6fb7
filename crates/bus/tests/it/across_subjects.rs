//! Events that must not overtake one of another subject: of the same source, and of another one.

use std::sync::atomic::Ordering;
use std::time::Duration;

use cartwheel_bus::parking::{self, ParkingError};
use cartwheel_bus::{Bus, Settings, Topology};
use envelope::{After, Cause, EventType};
use lapin::options::BasicGetOptions;
use serde::{Deserialize, Serialize};
use testkit::{eventually, turn_clock};

use crate::fixture::{Billing, Fixture, OrderPlaced, Projection, TIMEOUT, service};

/// Longer than an event waits until the event log is searched.
const GAP_TIMEOUT: Duration = Duration::from_mins(1);
const ORDERS: &str = "/orders/orders";
const PARCELS: &str = "/orders/parcels";

#[derive(Serialize, Deserialize)]
struct ParcelSent {
    customer: String,
}

impl EventType for ParcelSent {
    const TYPE: &'static str = "orders.parcel-sent.v1";
    const AGGREGATE: &'static str = "orders.parcels";
    fn subject(&self) -> String {
        self.customer.clone()
    }
}

async fn with_parcels(set: impl FnOnce(Settings) -> Settings) -> Fixture {
    let aggregates = ["orders.orders", "orders.parcels"];
    let services = vec![service("orders", &aggregates, &[]), service("billing", &[], &aggregates)];
    Fixture::with_relay_on(Topology { services, ..Topology::default() }, set).await
}

fn after(source: &str, subject: &str) -> After {
    After { source: source.into(), subject: subject.into(), sequence: 1 }
}

/// An order that must not overtake another event, and those in one transaction behind it.
async fn place_after(fixture: &Fixture, customer: &str, earlier: After, others: &[(&str, i64)]) {
    let cause = Cause::started_by("a test");
    let first = OrderPlaced { customer: customer.into(), amount: 1 };
    let mut events = vec![fixture.outbox.wrap(&first, &cause).unwrap().after(earlier)];
    for &(customer, amount) in others {
        let order = OrderPlaced { customer: customer.into(), amount };
        events.push(fixture.outbox.wrap(&order, &cause).unwrap());
    }
    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.outbox.append(&mut transaction, events).await.unwrap();
    fixture.outbox.commit(transaction).await.unwrap();
}

async fn invoiced(fixture: &Fixture) -> Vec<(String, i64)> {
    let invoices = sqlx::query_as("SELECT customer, amount FROM invoices ORDER BY place");
    invoices.fetch_all(&fixture.billing_db).await.unwrap()
}

fn owned(invoices: &[(&str, i64)]) -> Vec<(String, i64)> {
    invoices.iter().map(|(customer, amount)| ((*customer).to_owned(), *amount)).collect()
}

#[tokio::test]
async fn an_event_waits_for_one_of_another_subject_and_its_own_subject_waits_behind_it() {
    for alone in [false, true] {
        let fixture = if alone { Fixture::with_lone_events().await } else { Fixture::with_relay().await };
        let instance = fixture.start(&Billing::default(), |settings| settings).await;
        place_after(&fixture, "ann", after(ORDERS, "dan"), &[("ann", 2), ("zoe", 1)]).await;
        fixture.until("zoe", &[1]).await;
        let parked = fixture.parked(2).await;
        assert_eq!(parked[0].after(), Some(after(ORDERS, "dan")));
        assert_eq!(parked[1].after(), None);

        fixture.place(&[("dan", 1)]).await;
        fixture.until("ann", &[1, 2]).await;
        assert_eq!(invoiced(&fixture).await, owned(&[("zoe", 1), ("dan", 1), ("ann", 1), ("ann", 2)]));
        fixture.parked(0).await;
        instance.stop().await;
        fixture.end_without_dead_letters().await;
    }
}

#[tokio::test]
async fn an_event_waits_for_one_of_another_source() {
    let fixture = with_parcels(|settings| settings).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    place_after(&fixture, "ann", after(PARCELS, "ann"), &[]).await;
    let parked = fixture.parked(1).await;
    assert_eq!(parked[0].after(), Some(after(PARCELS, "ann")));
    fixture.publish(ParcelSent { customer: "ann".into() }).await;
    fixture.until("ann", &[1]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn both_in_one_batch_are_taken_in_their_order_and_nothing_is_parked() {
    let fixture = Fixture::with_relay().await;
    place_after(&fixture, "ann", after(ORDERS, "dan"), &[("dan", 7), ("ann", 2)]).await;
    fixture.until_published().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until("ann", &[1, 2]).await;
    assert_eq!(invoiced(&fixture).await, owned(&[("dan", 7), ("ann", 1), ("ann", 2)]));
    let last: i64 = sqlx::query_scalar("SELECT last_value FROM bus.parked_id_seq WHERE is_called")
        .fetch_optional(&fixture.billing_db)
        .await
        .unwrap()
        .unwrap_or_default();
    assert_eq!(last, 0, "nothing was ever parked");
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn what_is_missing_comes_from_the_log() {
    let fixture = Fixture::with_lone_events().await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until_published().await;
    let channel = fixture.channel().await;
    eventually("a message to lose", TIMEOUT, async || {
        channel.basic_get("billing".into(), BasicGetOptions { no_ack: true }).await.unwrap()
    })
    .await;
    place_after(&fixture, "ann", after(ORDERS, "dan"), &[]).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.parked(1).await;
    turn_clock(&fixture.billing_db, GAP_TIMEOUT).await;
    fixture.until("ann", &[1]).await;
    assert_eq!(invoiced(&fixture).await, owned(&[("dan", 1), ("ann", 1)]));
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn what_never_comes_is_said_and_an_operator_takes_the_event_without_it() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    place_after(&fixture, "ann", after(ORDERS, "dan"), &[("ann", 2)]).await;
    fixture.parked(2).await;
    turn_clock(&fixture.billing_db, GAP_TIMEOUT).await;
    let parked =
        fixture.until_parked("an error", |parked| parked.iter().any(|event| event.error.is_some())).await;
    assert!(parked[0].error.as_ref().unwrap().starts_with("waits for number 1 of 'dan' from /orders/orders"));

    let refused = parking::retry(&fixture.billing_db, parked[0].id, None).await;
    assert!(matches!(refused, Err(ParkingError::Overtakes { sequence: 1, .. })), "{refused:?}");
    parking::release(&fixture.billing_db, parked[0].id, None).await.unwrap();
    fixture.until("ann", &[1, 2]).await;
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn what_fails_holds_up_what_must_not_overtake_it() {
    let fixture = Fixture::with_relay().await;
    let billing = Billing::default();
    let instance = fixture.start(&billing, |settings| settings).await;
    place_after(&fixture, "ann", after(ORDERS, "dan"), &[("dan", 0)]).await;
    let parked = fixture.parked(2).await;
    assert!(fixture.invoices("ann").await.is_empty());
    billing.fixed.store(true, Ordering::Relaxed);
    let failed = parked.iter().find(|event| event.subject == "dan").unwrap();
    parking::retry(&fixture.billing_db, failed.id, None).await.unwrap();
    fixture.until("ann", &[1]).await;
    assert_eq!(invoiced(&fixture).await, owned(&[("dan", 0), ("ann", 1)]));
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn a_service_that_does_not_listen_to_that_source_waits_for_nothing() {
    let fixture = Fixture::with_relay().await;
    let instance =
        fixture.start(&Billing::default(), |settings| settings.listens_to(["orders.orders"])).await;
    place_after(&fixture, "ann", after(PARCELS, "ann"), &[]).await;
    fixture.until("ann", &[1]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_rebuild_keeps_the_order_between_subjects() {
    let mut fixture = Fixture::with_relay().await;
    let projection = Projection::default();
    let instance = fixture.start(&projection, |settings| settings).await;
    place_after(&fixture, "ann", after(ORDERS, "dan"), &[("dan", 7)]).await;
    fixture.until("ann", &[1]).await;
    instance.stop().await;
    fixture.halt().await;
    let settings = fixture.settings("billing").await;
    let bus = Bus::open(settings, fixture.billing_db.clone()).await.unwrap();
    bus.rebuild(fixture.service("billing"), projection).await.unwrap();
    let mut rebuilt = invoiced(&fixture).await;
    rebuilt.retain(|(customer, _)| customer != "gus");
    assert_eq!(rebuilt, owned(&[("dan", 7), ("ann", 1)]));
    fixture.parked(0).await;
    fixture.end().await;
}
