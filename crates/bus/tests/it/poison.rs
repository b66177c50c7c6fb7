//! Messages that nobody can take stop nothing.

use cartwheel_bus::dead_letters_of;
use envelope::{Cause, Clock, Envelope, EventType};
use lapin::BasicProperties;
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use serde_json::json;

use crate::fixture::{Billing, Fixture, OrderPlaced};

const SOURCE: &str = "/orders/orders";

/// What a message says of its event.
struct Message<'a> {
    source: &'a str,
    subject: &'a str,
    sequence: i64,
    id: &'a str,
}

const GOOD: Message<'static> = Message { source: SOURCE, subject: "ann", sequence: 1, id: "1" };

/// Publishes by hand what no relay would.
async fn publish(fixture: &Fixture, message: Message<'_>, body: &[u8]) {
    let mut headers = FieldTable::default();
    headers.insert("source".into(), AMQPValue::LongString(message.source.into()));
    headers.insert("subject".into(), AMQPValue::LongString(message.subject.into()));
    headers.insert("sequence".into(), AMQPValue::LongLongInt(message.sequence));
    let properties = BasicProperties::default()
        .with_type(OrderPlaced::TYPE.into())
        .with_message_id(message.id.into())
        .with_headers(headers);
    let (channel, options) = (fixture.channel().await, BasicPublishOptions::default());
    let key = OrderPlaced::TYPE.into();
    channel.basic_publish("orders.orders".into(), key, options, body, properties).await.unwrap();
}

async fn until_dead(fixture: &Fixture, number: u32) {
    testkit::eventually("dead letters", crate::fixture::TIMEOUT, async || {
        (fixture.messages(&dead_letters_of("billing")).await == number).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_message_that_could_not_even_be_parked_becomes_a_dead_letter_also_when_it_is_met_in_the_log() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    let long = "x".repeat(12_000);
    for poison in [
        Message { subject: "a\0b", ..GOOD },
        Message { subject: &long, ..GOOD },
        Message { subject: "", ..GOOD },
        Message { source: "/orders\0/orders", ..GOOD },
        Message { source: "/stock/levels", ..GOOD },
        Message { id: "a\0b", ..GOOD },
        Message { sequence: 0, ..GOOD },
        Message { sequence: i64::MIN, ..GOOD },
    ] {
        publish(&fixture, poison, b"{}").await;
    }
    fixture.place(&[("dan", 1)]).await;
    fixture.until("dan", &[1]).await;
    until_dead(&fixture, 8).await;
    assert!(instance.health.is_up());

    fixture.delete_queue("billing").await;
    fixture.place(&[("dan", 2), ("zoe", 1)]).await;
    fixture.until_published().await;
    fixture.apply().await;
    fixture.until("dan", &[1, 2]).await;
    fixture.until("zoe", &[1]).await;
    instance.stop().await;
    fixture.end().await;
}

#[tokio::test]
async fn an_event_whose_data_no_table_can_hold_is_parked() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    let order = OrderPlaced { customer: "ann".into(), amount: 1 };
    let event = Envelope::new(&order, &Cause::started_by("a test"), Clock::system().now()).unwrap();
    let mut body = serde_json::to_value(event.numbered(1)).unwrap();
    body["data"]["customer"] = json!("a\0b");
    publish(&fixture, GOOD, body.to_string().as_bytes()).await;
    let parked = fixture.parked(1).await;
    let error = "it holds a NUL character, which PostgreSQL's texts can't";
    assert_eq!((parked[0].state.as_str(), parked[0].error.as_deref()), ("failed", Some(error)));
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}
