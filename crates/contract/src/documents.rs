use std::collections::BTreeMap;

use events::{EventDefinition, PARTICIPANTS};

use crate::{asyncapi, events_page, schema};

/// What is under `docs/`: the text of every generated file by its path there.
///
/// # Errors
/// When something can't be written as JSON or YAML.
pub fn files(
    definitions: &[EventDefinition],
) -> Result<BTreeMap<String, String>, Box<dyn std::error::Error>> {
    let mut files = BTreeMap::new();
    for (name, schema) in schema::all(definitions) {
        files.insert(format!("schemas/{name}.json"), format!("{}\n", serde_json::to_string_pretty(&schema)?));
    }
    files.insert("asyncapi.yaml".to_owned(), asyncapi::document(definitions, &PARTICIPANTS)?.to_yaml()?);
    files.insert("events.md".to_owned(), events_page::page(definitions, &PARTICIPANTS)?);
    Ok(files)
}
