//! Several events in one message: each takes effect once, in order for its subject, whatever becomes of the others.

use std::sync::atomic::Ordering;
use std::time::Duration;

use cartwheel_bus::parking;
use envelope::{BATCH_CONTENT_TYPE, CONTENT_TYPE, EventType};
use lapin::message::BasicGetMessage;
use lapin::options::{BasicGetOptions, BasicPublishOptions};
use serde_json::Value;
use testkit::turn_clock;

use crate::fixture::{AccountClosed, Billing, Fixture, OrderPlaced};

/// Longer than an event waits for the one before it until the event log is searched.
const GAP_TIMEOUT: Duration = Duration::from_mins(1);
/// Longer than until the first retry.
const RETRY: Duration = Duration::from_mins(10);

/// Publishes these in one transaction, and takes all messages out of the queue.
async fn intercept<const NUMBER: usize>(
    fixture: &Fixture,
    orders: &[(&str, i64)],
) -> [BasicGetMessage; NUMBER] {
    fixture.place(orders).await;
    fixture.until_published().await;
    take_all(fixture).await
}

async fn take_all<const NUMBER: usize>(fixture: &Fixture) -> [BasicGetMessage; NUMBER] {
    let channel = fixture.channel().await;
    let mut messages = Vec::new();
    let options = BasicGetOptions { no_ack: true };
    while let Some(message) = channel.basic_get("billing".into(), options).await.unwrap() {
        messages.push(message);
    }
    let number = messages.len();
    messages.try_into().unwrap_or_else(|_| panic!("{number} messages instead of {NUMBER}"))
}

/// Puts a message back into the queue, with this body.
async fn put_back(fixture: &Fixture, message: &BasicGetMessage, body: &[u8]) {
    let (channel, options) = (fixture.channel().await, BasicPublishOptions::default());
    let properties = message.properties.clone();
    channel.basic_publish("".into(), "billing".into(), options, body, properties).await.unwrap();
}

fn content_type(message: &BasicGetMessage) -> &str {
    message.properties.content_type().as_ref().unwrap().as_str()
}

#[tokio::test]
async fn events_of_one_type_share_a_message_and_each_takes_effect_once_and_in_order() {
    let fixture = Fixture::with_relay().await;
    let customers: Vec<String> = (0..20).map(|number| format!("customer {number}")).collect();
    let order = |number: i64| (customers[usize::try_from(number % 20).unwrap()].as_str(), number + 1);
    fixture.place(&(0..1000).map(order).collect::<Vec<_>>()).await;
    fixture.until_published().await;
    let messages = fixture.messages("billing").await;
    assert!(messages < 40, "{messages} messages");
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until_invoiced(1000).await;
    for (number, customer) in (1..).zip(&customers) {
        let expected: Vec<i64> = (0..50).map(|round| round * 20 + number).collect();
        assert_eq!(fixture.invoices(customer).await, expected);
    }
    instance.stop().await;
    assert_eq!(fixture.messages("billing").await, 0, "nothing is given back");
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_lone_event_travels_alone_and_other_types_in_messages_of_their_own() {
    let fixture = Fixture::with_relay().await;
    let [alone] = intercept(&fixture, &[("dan", 1)]).await;
    assert_eq!(content_type(&alone), CONTENT_TYPE);
    assert_eq!(serde_json::from_slice::<Value>(&alone.data).unwrap()["subject"], "dan");

    let mut transaction = fixture.orders_db.begin().await.unwrap();
    fixture.append(&mut transaction, &[("dan", 2), ("ann", 1)]).await;
    fixture.append_events(&mut transaction, vec![AccountClosed { customer: "zoe".into() }]).await;
    fixture.append(&mut transaction, &[("eva", 1)]).await;
    fixture.outbox.commit(transaction).await.unwrap();
    fixture.until_published().await;
    let [placed, closed] = take_all(&fixture).await;
    assert_eq!((content_type(&placed), content_type(&closed)), (BATCH_CONTENT_TYPE, CONTENT_TYPE));
    let events: Vec<Value> = serde_json::from_slice(&placed.data).unwrap();
    let subjects: Vec<&str> = events.iter().map(|event| event["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["dan", "ann", "eva"]);
    assert_eq!(placed.properties.kind().as_ref().unwrap().as_str(), OrderPlaced::TYPE);
    fixture.end().await;
}

#[tokio::test]
async fn an_aggregate_can_have_one_event_a_message() {
    let fixture = Fixture::with_lone_events().await;
    let messages = intercept(&fixture, &[("dan", 1), ("ann", 1), ("dan", 2)]).await;
    assert_eq!(messages.each_ref().map(content_type), [CONTENT_TYPE; 3]);
    fixture.end().await;
}

#[tokio::test]
async fn a_part_that_is_no_event_is_parked_and_the_others_are_taken() {
    let fixture = Fixture::with_relay().await;
    let [message] = intercept(&fixture, &[("dan", 1), ("ann", 1), ("zoe", 1), ("ann", 2)]).await;
    let second = message.data.windows(2).position(|bytes| bytes == b",{").unwrap() + 1;
    let mut body = message.data.clone();
    body[second..second + 5].copy_from_slice(b"no, [");
    put_back(&fixture, &message, &body).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    let parked = fixture.parked(2).await;
    fixture.until_invoiced(2).await;
    let at = |sequence| parked.iter().find(|event| event.sequence == sequence).unwrap();
    assert_eq!((at(1).subject.as_str(), at(2).subject.as_str()), ("ann", "ann"));
    assert!(at(1).error.as_ref().unwrap().contains("not a CloudEvent"));
    assert_eq!(at(2).state, "waiting");
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_body_that_cannot_be_split_is_parked_for_each_of_its_events_and_holds_up_no_other() {
    let fixture = Fixture::with_relay().await;
    let [message] = intercept(&fixture, &[("dan", 1), ("ann", 1)]).await;
    put_back(&fixture, &message, b"[{\"half\":").await;
    fixture.place(&[("dan", 2), ("zoe", 1)]).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    let parked = fixture.parked(3).await;
    fixture.until_invoiced(1).await;
    for subject in ["dan", "ann"] {
        let broken = parked.iter().find(|event| event.subject == subject && event.sequence == 1).unwrap();
        assert!(broken.error.as_ref().unwrap().contains("not a CloudEvent"));
        let shown = parking::show(&fixture.billing_db, broken.id).await.unwrap();
        assert_eq!(shown.body, b"[{\"half\":");
        parking::discard(&fixture.billing_db, broken.id, None).await.unwrap();
    }
    fixture.until("dan", &[2]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn an_event_that_the_handler_refuses_holds_up_its_own_subject_only() {
    let fixture = Fixture::with_relay().await;
    let billing = Billing::default();
    let instance = fixture.start(&billing, |settings| settings).await;
    fixture.place(&[("dan", 1), ("ann", 0), ("ann", 2), ("dan", 2)]).await;
    fixture.until("dan", &[1, 2]).await;
    fixture.parked(2).await;
    billing.fixed.store(true, Ordering::Relaxed);
    turn_clock(&fixture.billing_db, RETRY).await;
    fixture.until("ann", &[0, 2]).await;
    instance.stop().await;
    assert_eq!(fixture.messages("billing").await, 0);
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn an_event_that_comes_too_early_waits_and_the_rest_of_its_message_does_not() {
    let fixture = Fixture::with_relay().await;
    let [first] = intercept(&fixture, &[("dan", 1), ("eva", 1)]).await;
    let [second] = intercept(&fixture, &[("dan", 2), ("ann", 1), ("dan", 3)]).await;
    put_back(&fixture, &second, &second.data).await;
    put_back(&fixture, &second, &second.data).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until("ann", &[1]).await;
    fixture.parked(2).await;
    put_back(&fixture, &first, &first.data).await;
    put_back(&fixture, &first, &first.data).await;
    fixture.until("dan", &[1, 2, 3]).await;
    fixture.until("eva", &[1]).await;
    fixture.place(&[("the last", 1)]).await;
    fixture.until("the last", &[1]).await;
    assert!(fixture.doubled().await.is_empty());
    instance.stop().await;
    assert_eq!(fixture.messages("billing").await, 0, "all are acknowledged");
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_lost_message_is_made_up_for_from_the_event_log() {
    let fixture = Fixture::with_relay().await;
    let [_lost] = intercept(&fixture, &[("dan", 1), ("ann", 1), ("dan", 2)]).await;
    fixture.place(&[("ann", 2), ("dan", 3), ("zoe", 1)]).await;
    let instance = fixture.start(&Billing::default(), |settings| settings).await;
    fixture.until("zoe", &[1]).await;
    fixture.parked(2).await;
    turn_clock(&fixture.billing_db, GAP_TIMEOUT).await;
    fixture.until("dan", &[1, 2, 3]).await;
    fixture.until("ann", &[1, 2]).await;
    assert!(fixture.doubled().await.is_empty());
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}
