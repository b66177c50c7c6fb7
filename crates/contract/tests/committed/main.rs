//! What is committed under `docs/` is what the code says, and the code has not changed what readers rely on. `UPDATE=1`
//! writes it again, but never over a schema that the new one would break.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod asyncapi;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contract::compatibility::events::breaks;
use contract::schema;
use events::definitions;
use serde_json::Value;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn committed_schemas() -> BTreeMap<String, Value> {
    let Ok(folder) = std::fs::read_dir(docs().join("schemas")) else { return BTreeMap::new() };
    let paths = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"));
    let schema = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        (name, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    paths.map(schema).collect()
}

#[test]
fn no_reader_of_a_committed_schema_is_broken_and_what_is_committed_is_up_to_date() {
    let definitions = definitions();
    let breaks = breaks(&committed_schemas(), &schema::all(&definitions));
    let changes: Vec<_> = breaks.iter().map(|one| format!("- {one}\n")).collect();
    assert!(
        breaks.is_empty(),
        "\nThis change breaks readers of events (docs/adr/0014-readers-decide-what-is-compatible.md):\n{}",
        changes.concat()
    );

    let files = contract::files(&definitions).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(docs().join("schemas")).unwrap();
        for (path, text) in &files {
            std::fs::write(docs().join(path), text).unwrap();
        }
    }
    let stale = files
        .iter()
        .filter(|(path, text)| std::fs::read_to_string(docs().join(path)).unwrap_or_default() != **text);
    let stale: Vec<_> = stale.map(|(path, _)| format!("docs/{path}")).collect();
    assert!(
        stale.is_empty(),
        "\nThe change breaks no reader, but these are out of date: {}\nRegenerate and commit them: \
         UPDATE=1 cargo test -p contract --test committed\n",
        stale.join(", ")
    );
}

#[test]
fn every_example_is_valid_by_its_schema() {
    let envelope = schema::of_envelope();
    for definition in definitions() {
        let name = definition.name;
        let data = schema::of_data(&definition);
        let message = schema::of_message(&definition, &envelope, &data);
        let validator = jsonschema::draft7::options().should_validate_formats(true).build(&message).unwrap();
        let example = serde_json::to_value(definition.example().unwrap()).unwrap();
        let errors: Vec<_> = validator.iter_errors(&example).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert!(!validator.is_valid(&serde_json::json!({ "type": name })), "{name} allows anything");
    }
}
