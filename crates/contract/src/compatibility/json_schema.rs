//! Reading a JSON Schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()
}

/// What a schema refers to, if it does and that is in the same document.
pub fn followed<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target = reference(schema).and_then(|reference| root.pointer(reference.strip_prefix('#')?));
    target.map_or(schema, |target| followed(root, target))
}

/// What a schema refers to, without the null that it allows beside it, and whether it allows one: `Option`s are described
/// as `"type": ["string", "null"]` or, around a reference, as `"oneOf": [{"type": "null"}, …]`.
pub fn without_null<'a>(root: &'a Value, schema: &'a Value) -> (&'a Value, bool) {
    let schema = followed(root, schema);
    let choices = schema.get("oneOf").map_or(&[][..], elements);
    match choices {
        [null, other] | [other, null] if null["type"] == "null" => (followed(root, other), true),
        _ => (schema, false),
    }
}

pub fn types(schema: &Map<String, Value>, may_be_null: bool) -> BTreeSet<&str> {
    let described = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => BTreeSet::new(),
    };
    described.into_iter().chain(may_be_null.then_some("null")).collect()
}

pub fn shown(types: &BTreeSet<&str>) -> String {
    let types: Vec<_> = types.iter().copied().collect();
    if types.is_empty() { "of any type".to_owned() } else { types.join(" or ") }
}

pub fn fields(schema: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

pub fn requires(schema: &Map<String, Value>, field: &str) -> bool {
    schema.get("required").is_some_and(|required| elements(required).iter().any(|one| one == field))
}

pub fn elements(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}
