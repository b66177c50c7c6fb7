use envelope::{Cause, EventType};
use events::Money;
use events::cart::ItemRemoved;
use iso_currency::Currency;

use super::*;

fn added(cart: Uuid) -> Envelope {
    let unit_price = Money { amount: 1, currency: Currency::EUR };
    let (sku, name) = ("1".to_owned(), "lamp".to_owned());
    wrapped(&ItemAdded { cart_id: cart, sku, name, unit_price, quantity: 1, line_quantity: 1 })
}

fn attached(cart: Uuid, email: &str) -> Envelope {
    wrapped(&ShopperAttached { cart_id: cart, email: email.into(), language: "de".into() })
}

fn wrapped<E: EventType>(event: &E) -> Envelope {
    Envelope::new(event, &Cause::started_by("test"), envelope::Clock::system().now()).unwrap()
}

fn addresses(events: &[Envelope], known: BTreeMap<Uuid, Recipient>) -> Vec<Option<String>> {
    let relevant = read(&events.iter().collect::<Vec<_>>()).unwrap();
    let mails = with_recipients(relevant, known).1;
    mails.into_iter().map(|mail| mail.recipient.map(|recipient| recipient.email)).collect()
}

#[test]
fn broken_data_of_an_event_that_is_not_used_is_passed_over() {
    let mut removed = wrapped(&ItemRemoved { cart_id: Uuid::nil(), sku: "1".into(), quantity: 1 });
    removed.data = serde_json::value::RawValue::from_string("{}".into()).unwrap();
    assert!(read(&[&removed]).unwrap().is_empty());
    let mut added = added(Uuid::nil());
    added.data = removed.data;
    assert!(read(&[&added]).is_err());
}

#[test]
fn the_mail_goes_to_the_shopper_who_was_attached_last_before_the_addition() {
    let (cart, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let events =
        [added(cart), attached(cart, "a@x"), added(cart), added(other), attached(cart, "b@x"), added(cart)];
    let to = addresses(&events, BTreeMap::new());
    assert_eq!(to, [None, Some("a@x".into()), None, Some("b@x".into())]);
}

#[test]
fn a_shopper_who_was_attached_in_an_earlier_batch_is_written_to() {
    let cart = Uuid::from_u128(1);
    let earlier = Recipient { email: "a@x".into(), language: "en".into() };
    assert_eq!(addresses(&[added(cart)], BTreeMap::from([(cart, earlier)])), [Some("a@x".into())]);
}

#[test]
fn an_address_is_in_no_failure() {
    let mut event = attached(Uuid::from_u128(1), "a@x");
    let data = serde_json::json!({"cart_id": "ada@example.test", "email": 1, "language": "de"});
    event.data = serde_json::value::to_raw_value(&data).unwrap();
    let Err(Failure::Permanent(reason)) = read(&[&event]) else { panic!("it was read") };
    assert!(!reason.to_string().contains("ada"), "{reason}");
}

#[test]
fn data_that_makes_no_sense_is_a_permanent_failure() {
    let mut event = added(Uuid::from_u128(1));
    event.data = serde_json::value::to_raw_value("nonsense").unwrap();
    assert!(matches!(read(&[&event]), Err(Failure::Permanent(_))));
}
