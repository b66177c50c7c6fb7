//! JSON Schemas of what is published, from the Rust types.
//!
//! They are written in draft 7, which is what AsyncAPI takes as it is; and without references, so that each is
//! complete on its own.

use std::collections::BTreeMap;

use envelope::Envelope;
use events::EventDefinition;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The name under which the schema of the envelope is kept, beside those of the event types.
pub const ENVELOPE: &str = "cloudevent";

/// Every schema by its name: one of each event type's data, and [the envelope's](ENVELOPE).
#[must_use]
pub fn all(definitions: &[EventDefinition]) -> BTreeMap<String, Value> {
    let mut schemas: BTreeMap<_, _> =
        definitions.iter().map(|definition| (definition.name.to_owned(), of_data(definition))).collect();
    schemas.insert(ENVELOPE.to_owned(), of_envelope());
    schemas
}

/// The schema of an event's data.
#[must_use]
pub fn of_data(definition: &EventDefinition) -> Value {
    sorted(definition.schema(generator()))
}

/// The schema of the envelope around any data.
#[must_use]
pub fn of_envelope() -> Value {
    of::<Envelope>()
}

/// The schema of a type.
#[must_use]
pub fn of<T: JsonSchema>() -> Value {
    sorted(generator().into_root_schema_for::<T>())
}

/// The schema of a whole message: an envelope of this type and source around such data. The schemas of both are passed
/// in, so that a document can use references to them.
#[must_use]
pub fn of_message(definition: &EventDefinition, envelope: &Value, data: &Value) -> Value {
    let own = serde_json::json!({
        "type": "object",
        "properties": {
            "type": { "const": definition.name },
            "source": { "const": definition.aggregate.source() },
            "data": data,
        },
    });
    serde_json::json!({ "allOf": [envelope, own] })
}

/// A schema's description; empty if it has none.
pub(crate) fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

/// Sorted by name in every build: another crate can enable `serde_json`'s feature that keeps the order of insertion.
fn sorted(schema: Schema) -> Value {
    let mut schema = schema.to_value();
    schema.sort_all_objects();
    schema
}

fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft07().for_serialize().with(|s| s.inline_subschemas = true);
    settings.with_transform(RecursiveTransform(left_out_is_never_null)).into_generator()
}

/// A field that isn't required is one that is left out when it is empty (`skip_serializing_if`), so it is never null,
/// which the derived schema still allows.
fn left_out_is_never_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let required = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties {
        if !required.iter().any(|field| field == name) {
            forbid_null(property);
        }
    }
}

fn forbid_null(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type")
        && let Some(list) = types.as_array_mut()
    {
        list.retain(|one| one != "null");
        if list.len() == 1 {
            *types = list.remove(0);
        }
    }
    if let Some(alternatives) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        alternatives.retain(|one| one["type"] != "null");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema matters")]
    struct Parcel {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<u16>,
        nullable: Option<String>,
        #[serde(default)]
        always_written: i64,
    }

    #[test]
    fn a_schema_says_what_is_written() {
        let parcel = of::<Parcel>();
        assert_eq!(parcel["required"], serde_json::json!(["nullable", "always_written"]));
        assert_eq!(parcel["properties"]["left_out"]["type"], "integer");
        assert_eq!(parcel["properties"]["nullable"]["type"], serde_json::json!(["string", "null"]));
    }
}
