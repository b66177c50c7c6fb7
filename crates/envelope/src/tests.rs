use super::*;

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct DoorOpened {
    door: String,
}

impl EventType for DoorOpened {
    const TYPE: &'static str = "house.door-opened.v1";
    fn subject(&self) -> String {
        self.door.clone()
    }
}

fn opened() -> Envelope {
    Envelope::new(
        "/house",
        &DoorOpened { door: "front".into() },
        &Cause::started_by("r1"),
        Clock::system().now(),
    )
    .unwrap()
    .numbered(7)
}

#[test]
fn the_wire_form_is_cloudevents_json() {
    let json: serde_json::Value = serde_json::to_value(opened()).unwrap();
    assert_eq!(json["specversion"], "1.0");
    assert_eq!(json["type"], "house.door-opened.v1");
    assert_eq!(json["source"], "/house");
    assert_eq!(json["subject"], "front");
    assert_eq!((&json["sequence"], &json["sequencetype"]), (&"7".into(), &"Integer".into()));
    assert_eq!(json["datacontenttype"], "application/json");
    assert_eq!(json["correlationid"], "r1");
    assert_eq!(json["data"], serde_json::json!({"door": "front"}));
    assert!(json.get("causationid").is_none());
}

#[test]
fn unknown_fields_are_ignored_on_reading() {
    let mut json = serde_json::to_value(opened()).unwrap();
    json["fromthefuture"] = true.into();
    json["data"]["colour"] = "red".into();
    let read: Envelope = serde_json::from_slice(&serde_json::to_vec(&json).unwrap()).unwrap();
    assert_eq!(read.read::<DoorOpened>().unwrap(), Some(DoorOpened { door: "front".into() }));
}

#[test]
fn what_follows_from_an_event_keeps_its_correlation() {
    let first = opened();
    let cause = Cause::event(&first);
    assert_eq!((cause.correlation_id.as_str(), cause.causation_id), ("r1", Some(first.id)));
}

#[test]
fn another_version_of_the_specification_is_refused() {
    let json = serde_json::to_string(&opened()).unwrap().replace("\"1.0\"", "\"2.0\"");
    assert!(serde_json::from_str::<Envelope>(&json).is_err());
}
