use serde::Deserialize;

use super::*;
use crate::clock::Clock;

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct OrderPlaced {
    order: String,
}

impl EventType for OrderPlaced {
    const TYPE: &'static str = "orders.order-placed.v1";
    const AGGREGATE: &'static str = "orders.orders";
    fn subject(&self) -> String {
        self.order.clone()
    }
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct AddressGiven {
    order: u64,
    email: String,
}

impl EventType for AddressGiven {
    const TYPE: &'static str = "orders.address-given.v1";
    const AGGREGATE: &'static str = "orders.orders";
    const PERSONAL: bool = true;
    fn subject(&self) -> String {
        self.order.to_string()
    }
}

fn wrapped<E: EventType>(event: &E) -> Envelope {
    Envelope::new(event, &Cause::started_by("r1"), Clock::system().now()).unwrap().numbered(7)
}

fn placed() -> Envelope {
    wrapped(&OrderPlaced { order: "A-17".into() })
}

#[test]
fn the_wire_form_is_cloudevents_json() {
    let json: serde_json::Value = serde_json::to_value(placed()).unwrap();
    assert_eq!(json["specversion"], "1.0");
    assert_eq!(json["type"], "orders.order-placed.v1");
    assert_eq!(json["source"], "/orders/orders");
    assert_eq!(json["subject"], "A-17");
    assert_eq!((&json["sequence"], &json["sequencetype"]), (&"7".into(), &"Integer".into()));
    assert_eq!(json["datacontenttype"], "application/json");
    assert_eq!(json["correlationid"], "r1");
    assert_eq!(json["data"], serde_json::json!({"order": "A-17"}));
    assert!(json.get("causationid").is_none());
}

#[test]
fn what_must_be_taken_before_has_attributes_of_its_own() {
    let json = serde_json::to_value(placed()).unwrap();
    assert!(json.get("aftersource").is_none());
    let earlier = placed().numbered(5).as_after();
    let json = serde_json::to_value(placed().after(earlier.clone())).unwrap();
    let written = ["aftersource", "aftersubject", "aftersequence"].map(|name| json[name].as_str().unwrap());
    assert_eq!(written, ["/orders/orders", "A-17", "5"]);
    let read: Envelope = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(read.after, Some(earlier));
    let mut incomplete = json;
    incomplete.as_object_mut().unwrap().remove("aftersubject");
    assert!(serde_json::from_value::<Envelope>(incomplete).is_err());
}

#[test]
fn unknown_fields_are_ignored_on_reading() {
    let mut json = serde_json::to_value(placed()).unwrap();
    json["fromthefuture"] = true.into();
    json["data"]["colour"] = "red".into();
    let read: Envelope = serde_json::from_slice(&serde_json::to_vec(&json).unwrap()).unwrap();
    assert_eq!(read.read::<OrderPlaced>().unwrap(), Some(OrderPlaced { order: "A-17".into() }));
}

#[test]
fn what_follows_from_an_event_keeps_its_correlation() {
    let first = placed();
    let cause = first.as_cause();
    assert_eq!((cause.correlation_id.as_str(), cause.causation_id), ("r1", Some(first.id)));
}

#[test]
fn another_version_of_the_specification_is_refused() {
    let json = serde_json::to_string(&placed()).unwrap().replace("\"1.0\"", "\"2.0\"");
    assert!(serde_json::from_str::<Envelope>(&json).is_err());
}

#[test]
fn an_error_quotes_no_personal_data() {
    let mut event = wrapped(&AddressGiven { order: 17, email: "ann@example.test".into() });
    assert!(event.read::<AddressGiven>().unwrap().is_some());
    for data in [serde_json::json!({"order": "ann@example.test", "email": "x"}), "ann@example.test".into()] {
        event.data = to_raw_value(&data).unwrap();
        let error = event.read::<AddressGiven>().unwrap_err().to_string();
        assert!(!error.contains("ann") && error.contains("orders.address-given.v1"), "{error}");
    }
}
