//! The contract of the events as documents: JSON Schemas, one AsyncAPI document and a page for people, all from the Rust
//! types in `events`; and what may change in them without breaking a reader. No I/O: who asks gets names and texts.

pub mod asyncapi;
pub mod compatibility;
pub mod events_page;
pub mod rest;
pub mod schema;

use std::collections::BTreeMap;

use events::{Kind, PARTICIPANTS};
use serde_json::Value;

/// Every schema by its name: one of each kind's data, and [the envelope's](schema::ENVELOPE).
#[must_use]
pub fn schemas(kinds: &[Kind]) -> BTreeMap<String, Value> {
    let mut schemas: BTreeMap<_, _> =
        kinds.iter().map(|kind| (kind.name.to_owned(), schema::of_data(kind))).collect();
    schemas.insert(schema::ENVELOPE.to_owned(), schema::of_envelope());
    schemas
}

/// What stands under `docs/`: the text of every generated file by its path there.
///
/// # Errors
/// When something can't be written as JSON or YAML.
pub fn files(kinds: &[Kind]) -> Result<BTreeMap<String, String>, Box<dyn std::error::Error>> {
    let mut files = BTreeMap::new();
    for (name, schema) in schemas(kinds) {
        files.insert(format!("schemas/{name}.json"), format!("{}\n", serde_json::to_string_pretty(&schema)?));
    }
    files.insert("asyncapi.yaml".to_owned(), asyncapi::document(kinds, &PARTICIPANTS)?.to_yaml()?);
    files.insert("events.md".to_owned(), events_page::page(kinds, &PARTICIPANTS)?);
    Ok(files)
}
