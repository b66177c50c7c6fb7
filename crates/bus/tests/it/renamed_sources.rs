//! An upgrade from a release that named sources otherwise: what it left goes on under the new name.

use cartwheel_bus::{Bus, OpenError, RenamedSource, Settings};
use envelope::{Cause, Clock, Envelope, EventType};
use lapin::BasicProperties;
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use serde_json::json;

use crate::fixture::{Billing, Fixture, OrderPlaced};

const FORMER: &str = "/orders";
const NOW: &str = "/orders/orders";

fn former() -> Vec<RenamedSource> {
    let (source, now, types) = (FORMER.to_owned(), NOW.to_owned(), vec![OrderPlaced::TYPE.to_owned()]);
    vec![RenamedSource { source, types, subjects: None, now }]
}

/// As the former release published it.
async fn publish(fixture: &Fixture, to: &str, customer: &str, sequence: i64) {
    let order = OrderPlaced { customer: customer.into(), amount: sequence };
    let event = Envelope::new(&order, &Cause::started_by("a test"), Clock::system().now()).unwrap();
    let mut body = serde_json::to_value(event.numbered(sequence)).unwrap();
    body["source"] = json!(FORMER);
    let mut headers = FieldTable::default();
    headers.insert("source".into(), AMQPValue::LongString(FORMER.into()));
    headers.insert("subject".into(), AMQPValue::LongString(customer.into()));
    headers.insert("sequence".into(), AMQPValue::LongLongInt(sequence));
    let properties = BasicProperties::default().with_type(OrderPlaced::TYPE.into()).with_headers(headers);
    let (channel, options) = (fixture.channel().await, BasicPublishOptions::default());
    let body = serde_json::to_vec(&body).unwrap();
    channel.basic_publish("".into(), to.into(), options, &body, properties).await.unwrap();
}

/// Names everything as the former release did.
async fn downgrade(fixture: &Fixture) {
    for (pool, query) in [
        (&fixture.orders_db, "UPDATE bus.sequences SET source = ''"),
        (&fixture.orders_db, "DELETE FROM bus.renamed_sources"),
        (&fixture.billing_db, "UPDATE bus.positions SET source = '/orders'"),
        (&fixture.billing_db, "UPDATE bus.parked SET source = '/orders'"),
        (&fixture.billing_db, "DELETE FROM bus.renamed_sources"),
    ] {
        sqlx::query(query).execute(pool).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_former_release_left_goes_on_under_the_new_name() {
    let mut fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.place(&[("dan", 1), ("dan", 2)]).await;
    fixture.until_invoiced(2).await;
    // Number 1 of ann is missing, and not in the queue but in the log.
    publish(&fixture, "billing", "ann", 2).await;
    fixture.parked(1).await;
    instance.stop().await;
    fixture.halt().await;
    downgrade(&fixture).await;
    publish(&fixture, "event-log", "ann", 1).await;
    publish(&fixture, "billing", "dan", 2).await;
    publish(&fixture, "billing", "dan", 3).await;

    let settings = fixture.settings("orders").await.renamed_sources(former());
    let orders = Bus::open(settings, fixture.orders_db.clone()).await.unwrap();
    fixture.outbox = orders.outbox();
    fixture.relay(&orders);
    sqlx::query("UPDATE bus.sequences SET last = 3 WHERE subject = 'dan'")
        .execute(&fixture.orders_db)
        .await
        .unwrap();
    fixture.place(&[("dan", 4)]).await;
    let instance = fixture.start(&Billing::default(), |settings| settings.renamed_sources(former())).await;
    fixture.until("dan", &[1, 2, 3, 4]).await;
    testkit::turn_clock(&fixture.billing_db, std::time::Duration::from_mins(1)).await;
    fixture.until("ann", &[1, 2]).await;
    fixture.until_parked("nothing waits", <[cartwheel_bus::parking::Parked]>::is_empty).await;
    let former = "SELECT count(*) FROM bus.positions WHERE source = '/orders'";
    fixture.until_number(&fixture.billing_db, former, 0).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn rows_of_a_former_release_are_published_under_the_new_name() {
    let mut fixture = Fixture::with_relay().await;
    fixture.halt().await;
    fixture.place(&[("dan", 1)]).await;
    sqlx::query("UPDATE bus.outbox SET source = ''").execute(&fixture.orders_db).await.unwrap();
    downgrade(&fixture).await;
    let settings = fixture.settings("orders").await.renamed_sources(former());
    let orders = Bus::open(settings, fixture.orders_db.clone()).await.unwrap();
    fixture.relay(&orders);
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until("dan", &[1]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn this_release_does_not_start_beside_the_former_one() {
    let fixture = Fixture::with_relay().await;
    fixture.until_published().await;
    downgrade(&fixture).await;
    let open = async || {
        let settings = Settings::new("orders", "amqp://localhost").renamed_sources(former());
        Bus::open(settings, fixture.orders_db.clone()).await.map(|_| ())
    };
    // The fixture's relay stands for that of the former release.
    let refused = open().await.unwrap_err();
    assert!(matches!(&refused, OpenError::OlderReleaseRuns(service) if service == "orders"), "{refused}");
    fixture.end().await;
}

#[tokio::test]
async fn an_aggregate_that_the_settings_do_not_name_is_not_published() {
    let fixture = Fixture::idle(testkit::servers().await).await;
    let bus =
        Bus::open(Settings::new("orders", "amqp://localhost"), fixture.orders_db.clone()).await.unwrap();
    let order = OrderPlaced { customer: "dan".into(), amount: 1 };
    let event = bus.outbox().wrap(&order, &Cause::started_by("a test")).unwrap();
    let mut connection = fixture.orders_db.acquire().await.unwrap();
    let refused = bus.outbox().append(&mut connection, vec![event]).await.unwrap_err().to_string();
    assert_eq!(refused, "this service doesn't publish 'orders.orders': name it in the settings");
    fixture.end().await;
}
