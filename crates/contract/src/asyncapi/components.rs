//! What channels and operations refer to: messages and schemas.

use events::EventDefinition;
use serde_json::{Map, Value, json};

use super::bindings;
use crate::schema;

pub fn components(definitions: &[EventDefinition]) -> serde_json::Result<Value> {
    let mut schemas = Map::new();
    for (name, mut schema) in schema::all(definitions) {
        if let Some(schema) = schema.as_object_mut() {
            // The document states once which JSON Schema it uses.
            schema.remove("$schema");
        }
        schemas.insert(name, schema);
    }
    let mut messages = Map::new();
    for definition in definitions {
        let description = schema::description(&schemas[definition.name]);
        messages.insert(definition.name.to_owned(), message(definition, description)?);
    }
    Ok(json!({ "messages": messages, "schemas": schemas }))
}

fn message(definition: &EventDefinition, description: &str) -> serde_json::Result<Value> {
    let name = definition.name;
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    Ok(json!({
        "name": name,
        "title": name,
        "summary": description,
        "contentType": envelope::CONTENT_TYPE,
        "correlationId": {
            "location": "$message.payload#/correlationid",
            "description": "What started it all; the same for everything that follows from it.",
        },
        "payload": schema::of_message(definition, &reference(schema::ENVELOPE), &reference(name)),
        "bindings": bindings::message(name),
        "examples": [{ "name": "example", "payload": serde_json::to_value(definition.example()?)? }],
    }))
}
