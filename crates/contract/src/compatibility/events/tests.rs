//! Each change as it would be made: to a Rust type.

use schemars::JsonSchema;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::schema;

/// What breaks between two versions of a struct's fields, without what to do instead.
macro_rules! change {
    ({ $($old:tt)* } => { $($new:tt)* }) => {{
        let old = {
            #[derive(JsonSchema)]
            #[allow(dead_code, reason = "only its schema matters")]
            struct OrderPlaced { $($old)* }
            schema::of::<OrderPlaced>()
        };
        let new = {
            #[derive(JsonSchema)]
            #[allow(dead_code, reason = "only its schema matters")]
            struct OrderPlaced { $($new)* }
            schema::of::<OrderPlaced>()
        };
        let breaks = between("orders.order-placed.v1", &old, &new);
        breaks.into_iter().map(|one| format!("{} {}", one.field, one.what)).collect::<Vec<_>>()
    }};
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema matters")]
struct Item {
    quantity: i64,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema matters")]
struct ItemByWeight {
    grams: i64,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema matters")]
enum Channel {
    Web,
    Shop,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema matters")]
enum MoreChannels {
    Web,
    Shop,
    Phone,
}

#[test]
fn the_same_is_no_change() {
    let none = change!({ id: Uuid, items: Vec<Item>, channel: Channel } => { id: Uuid, items: Vec<Item>, channel: Channel });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn an_optional_field_may_be_added() {
    let none = change!({ address: String } => {
        address: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Item>,
    });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn words_and_the_order_of_fields_may_change() {
    let none = change!({
        /// Where to.
        address: String,
        quantity: i64,
    } => {
        quantity: i64,
        /// Where the order goes.
        address: String,
    });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn a_removed_field_is_a_break() {
    assert_eq!(
        change!({ address: String, quantity: i64 } => { address: String }),
        ["quantity was removed: readers use it."]
    );
}

#[test]
fn a_renamed_field_is_a_break_twice() {
    let breaks = change!({ address: String } => { street: String });
    assert_eq!(breaks.len(), 2, "{breaks:?}");
    assert!(breaks[0].starts_with("address was removed"), "{breaks:?}");
    assert!(breaks[1].starts_with("street is new and required"), "{breaks:?}");
}

#[test]
fn a_retyped_field_is_a_break() {
    let retyped = "quantity was integer and is string now: readers expect integer.";
    assert_eq!(change!({ quantity: i64 } => { quantity: String }), [retyped]);
}

#[test]
fn a_field_that_can_be_null_now_is_a_break() {
    let breaks = change!({ address: String } => { address: Option<String> });
    assert!(breaks.concat().contains("was string and is null or string now"), "{breaks:?}");
}

#[test]
fn another_width_or_format_is_a_break() {
    let narrower = change!({ quantity: i64 } => { quantity: u16 });
    assert!(narrower[0].starts_with("quantity had format \"int64\" and has \"uint16\" now"), "{narrower:?}");
    let text = change!({ id: Uuid } => { id: String });
    assert!(text[0].starts_with("id had format \"uuid\" and has none now"), "{text:?}");
}

#[test]
fn a_new_required_field_is_a_break_with_a_default_or_without() {
    let said = "quantity is new and required: events in the log lack it. A new field is an Option that is left out \
                when it is None.";
    assert_eq!(change!({ address: String } => { address: String, quantity: i64 }), [said]);
    let with_default = change!({ address: String } => { address: String, #[serde(default)] quantity: i64 });
    assert_eq!(with_default, [said]);
}

#[test]
fn a_field_that_is_not_always_there_any_more_is_a_break() {
    let breaks = change!({ address: String } => {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    });
    assert_eq!(breaks, ["address was required and is optional now: readers count on it."]);
}

#[test]
fn an_optional_field_that_becomes_required_is_a_break() {
    let breaks = change!({
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    } => { address: String });
    assert_eq!(breaks, ["address was optional and is required now: events in the log lack it."]);
}

#[test]
fn what_is_inside_counts_as_much() {
    let object = change!({ item: Item } => { item: ItemByWeight });
    assert_eq!(object[0], "item.quantity was removed: readers use it.");
    let array = change!({ items: Vec<Item> } => { items: Vec<ItemByWeight> });
    assert_eq!(array[0], "items[].quantity was removed: readers use it.");
    let elements = change!({ quantity: Vec<i64> } => { quantity: Vec<String> });
    assert_eq!(elements, ["quantity[] was integer and is string now: readers expect integer."]);
}

#[test]
fn an_enum_that_gains_or_loses_a_value_is_a_break() {
    let gained = change!({ channel: Channel } => { channel: MoreChannels });
    assert!(
        gained[0].starts_with(r#"channel had enum ["Web","Shop"] and has ["Web","Shop","Phone"]"#),
        "{gained:?}"
    );
    assert_eq!(change!({ channel: MoreChannels } => { channel: Channel }).len(), 1);
}

#[test]
fn references_are_followed_even_in_circles() {
    let with = |quantity: &str| {
        json!({
            "type": "object",
            "properties": { "parent": { "$ref": "#/definitions/Order" } },
            "definitions": { "Order": {
                "type": "object",
                "properties": { "quantity": { "type": quantity }, "next": { "$ref": "#/definitions/Order" } },
            }},
        })
    };
    assert!(between("orders.order-placed.v1", &with("integer"), &with("integer")).is_empty());
    let breaks = between("orders.order-placed.v1", &with("integer"), &with("string"));
    assert_eq!(breaks.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["parent.quantity"]);
}

#[test]
fn an_event_that_is_gone_is_a_break_and_a_new_one_is_none() {
    let schemas =
        |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), schema::of::<Item>())).collect();
    let (one, two) = (
        schemas(&["orders.order-placed.v1"]),
        schemas(&["orders.order-placed.v1", "orders.order-placed.v2"]),
    );
    assert!(breaks(&one, &two).is_empty());
    assert_eq!(breaks(&two, &one)[0].name, "orders.order-placed.v2");
}

#[test]
fn a_break_says_what_to_do_instead() {
    let said = between("orders.order-placed.v1", &schema::of::<Item>(), &schema::of::<ItemByWeight>())[0]
        .to_string();
    assert_eq!(
        said,
        "orders.order-placed.v1: field `quantity` was removed: readers use it. Leave orders.order-placed.v1 as it was, and make \
         orders.order-placed.v2 beside it for what is new."
    );
}
