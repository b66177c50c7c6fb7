//! JSON Schemas of what is published, from the Rust types.
//!
//! They are written in draft 7, which is what AsyncAPI takes as it is; and without references, so that each stands
//! for itself.

use envelope::Envelope;
use events::Kind;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The name under which the schema of the envelope is kept, beside the kinds of events.
pub const ENVELOPE: &str = "cloudevent";

/// The schema of an event's data.
#[must_use]
pub fn of_data(kind: &Kind) -> Value {
    sorted((kind.describe)(generator()))
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

/// The schema of a whole message: an envelope of this kind and source around such data. What it is put together from
/// is given, so that a document may have references there.
#[must_use]
pub fn of_message(kind: &Kind, envelope: &Value, data: &Value) -> Value {
    let own = serde_json::json!({
        "type": "object",
        "properties": {
            "type": { "const": kind.name },
            "source": { "const": kind.example.source },
            "data": data,
        },
    });
    serde_json::json!({ "allOf": [envelope, own] })
}

/// What a schema says in words.
pub(crate) fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

/// The same order wherever it is built: another crate can have `serde_json` keep the order of insertion.
fn sorted(schema: Schema) -> Value {
    let mut schema = schema.to_value();
    schema.sort_all_objects();
    schema
}

fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft07().for_serialize().with(|s| s.inline_subschemas = true);
    settings.with_transform(RecursiveTransform(left_out_is_never_null)).into_generator()
}

/// A field that isn't required is one that is left out when there is nothing to say (`skip_serializing_if`), so it is
/// never null, which the derived schema still allows for.
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
    struct Lamp {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<u16>,
        nullable: Option<String>,
        #[serde(default)]
        always_written: i64,
    }

    #[test]
    fn a_schema_says_what_is_written() {
        let lamp = of::<Lamp>();
        assert_eq!(lamp["required"], serde_json::json!(["nullable", "always_written"]));
        assert_eq!(lamp["properties"]["left_out"]["type"], "integer");
        assert_eq!(lamp["properties"]["nullable"]["type"], serde_json::json!(["string", "null"]));
    }
}
