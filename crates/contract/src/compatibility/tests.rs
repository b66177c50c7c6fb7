//! Each change as it would be made: to a Rust type.

use schemars::JsonSchema;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::schema;

/// What breaks between two versions of a struct's fields, without the way out.
macro_rules! change {
    ({ $($old:tt)* } => { $($new:tt)* }) => {{
        let old = {
            #[derive(JsonSchema)]
            #[allow(dead_code, reason = "only its schema matters")]
            struct LampLit { $($old)* }
            schema::of::<LampLit>()
        };
        let new = {
            #[derive(JsonSchema)]
            #[allow(dead_code, reason = "only its schema matters")]
            struct LampLit { $($new)* }
            schema::of::<LampLit>()
        };
        let breaks = between("house.lamp-lit.v1", &old, &new);
        breaks.into_iter().map(|one| format!("{} {}", one.field, one.what)).collect::<Vec<_>>()
    }};
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema matters")]
struct Bulb {
    watts: i64,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema matters")]
struct BulbInLumen {
    lumen: i64,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema matters")]
enum Colour {
    Warm,
    Cold,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema matters")]
enum MoreColours {
    Warm,
    Cold,
    Red,
}

#[test]
fn the_same_is_no_change() {
    let none = change!({ id: Uuid, bulbs: Vec<Bulb>, colour: Colour } => { id: Uuid, bulbs: Vec<Bulb>, colour: Colour });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn an_optional_field_may_be_added() {
    let none = change!({ room: String } => {
        room: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bulb: Option<Bulb>,
    });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn words_and_the_order_of_fields_may_change() {
    let none = change!({
        /// Where.
        room: String,
        watts: i64,
    } => {
        watts: i64,
        /// In which room.
        room: String,
    });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn a_removed_field_is_a_break() {
    assert_eq!(
        change!({ room: String, watts: i64 } => { room: String }),
        ["watts was removed: readers use it."]
    );
}

#[test]
fn a_renamed_field_is_a_break_twice() {
    let breaks = change!({ room: String } => { place: String });
    assert_eq!(breaks.len(), 2, "{breaks:?}");
    assert!(breaks[0].starts_with("room was removed"), "{breaks:?}");
    assert!(breaks[1].starts_with("place is new and required"), "{breaks:?}");
}

#[test]
fn a_retyped_field_is_a_break() {
    let retyped = "watts was integer and is string now: readers expect integer.";
    assert_eq!(change!({ watts: i64 } => { watts: String }), [retyped]);
}

#[test]
fn a_field_that_can_be_null_now_is_a_break() {
    let breaks = change!({ room: String } => { room: Option<String> });
    assert!(breaks.concat().contains("was string and is null or string now"), "{breaks:?}");
}

#[test]
fn another_width_or_format_is_a_break() {
    let narrower = change!({ watts: i64 } => { watts: u16 });
    assert!(narrower[0].starts_with("watts had format \"int64\" and has \"uint16\" now"), "{narrower:?}");
    let text = change!({ id: Uuid } => { id: String });
    assert!(text[0].starts_with("id had format \"uuid\" and has none now"), "{text:?}");
}

#[test]
fn a_new_required_field_is_a_break_with_a_default_or_without() {
    let told = "watts is new and required: events in the log lack it. A new field is an Option that is left out \
                when it is None.";
    assert_eq!(change!({ room: String } => { room: String, watts: i64 }), [told]);
    let with_default = change!({ room: String } => { room: String, #[serde(default)] watts: i64 });
    assert_eq!(with_default, [told]);
}

#[test]
fn a_field_that_is_not_always_there_any_more_is_a_break() {
    let breaks = change!({ room: String } => {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
    });
    assert_eq!(breaks, ["room was required and is optional now: readers count on it."]);
}

#[test]
fn an_optional_field_that_becomes_required_is_a_break() {
    let breaks = change!({
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
    } => { room: String });
    assert_eq!(breaks, ["room was optional and is required now: events in the log lack it."]);
}

#[test]
fn what_is_inside_counts_as_much() {
    let object = change!({ bulb: Bulb } => { bulb: BulbInLumen });
    assert_eq!(object[0], "bulb.watts was removed: readers use it.");
    let array = change!({ bulbs: Vec<Bulb> } => { bulbs: Vec<BulbInLumen> });
    assert_eq!(array[0], "bulbs[].watts was removed: readers use it.");
    let elements = change!({ watts: Vec<i64> } => { watts: Vec<String> });
    assert_eq!(elements, ["watts[] was integer and is string now: readers expect integer."]);
}

#[test]
fn an_enum_that_gains_or_loses_a_value_is_a_break() {
    let gained = change!({ colour: Colour } => { colour: MoreColours });
    assert!(
        gained[0].starts_with(r#"colour had enum ["Warm","Cold"] and has ["Warm","Cold","Red"]"#),
        "{gained:?}"
    );
    assert_eq!(change!({ colour: MoreColours } => { colour: Colour }).len(), 1);
}

#[test]
fn references_are_followed_also_in_circles() {
    let with = |kind: &str| {
        json!({
            "type": "object",
            "properties": { "lamp": { "$ref": "#/definitions/Lamp" } },
            "definitions": { "Lamp": {
                "type": "object",
                "properties": { "watts": { "type": kind }, "next": { "$ref": "#/definitions/Lamp" } },
            }},
        })
    };
    assert!(between("house.lamp-lit.v1", &with("integer"), &with("integer")).is_empty());
    let breaks = between("house.lamp-lit.v1", &with("integer"), &with("string"));
    assert_eq!(breaks.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["lamp.watts"]);
}

#[test]
fn an_event_that_is_gone_is_a_break_and_a_new_one_is_none() {
    let schemas =
        |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), schema::of::<Bulb>())).collect();
    let (one, two) = (schemas(&["house.lamp-lit.v1"]), schemas(&["house.lamp-lit.v1", "house.lamp-lit.v2"]));
    assert!(breaks(&one, &two).is_empty());
    assert_eq!(breaks(&two, &one)[0].event, "house.lamp-lit.v2");
}

#[test]
fn a_break_is_told_with_its_way_out() {
    let told =
        between("house.lamp-lit.v1", &schema::of::<Bulb>(), &schema::of::<BulbInLumen>())[0].to_string();
    assert_eq!(
        told,
        "house.lamp-lit.v1: field `watts` was removed: readers use it. Leave house.lamp-lit.v1 as it was, and make \
         house.lamp-lit.v2 beside it for what is new."
    );
}
