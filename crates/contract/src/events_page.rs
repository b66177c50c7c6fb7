//! The page about the events for people.

use std::fmt::Write;

use events::{EventDefinition, Participant};
use serde_json::Value;

use crate::schema;

const INTRODUCTION: &str = "# Events

Every event of the shop, from the Rust types in [`crates/events`](../crates/events/src). An event travels in an envelope,
[CloudEvents 1.0](https://cloudevents.io) as JSON ([schema](schemas/cloudevent.json)); what is described here of each event
type is its `data`.

Events are grouped by what they are about: an aggregate, such as `cart.carts`, is a stream of its own, with an exchange of that
name, to which its service publishes with the event's type as routing key. The consumers named here are the services that
listen to that exchange: each gets every event of the aggregates that it listens to, in a queue of its own name, and ignores
the types that it doesn't need. A message holds one event; events of one type that wait at their publisher share a message, as a
JSON array with the content type `application/cloudevents-batch+json`
([ADR 31](adr/0031-waiting-events-share-messages.md)). The same for machines: [asyncapi.yaml](asyncapi.yaml). What may change in an
event is decided in [ADR 14](adr/0014-readers-decide-what-is-compatible.md).

This page is generated: `UPDATE=1 cargo test -p contract --test committed`.

";

/// The page about these event types and the services that exchange them.
///
/// # Errors
/// When an example can't be written as JSON.
pub fn page(
    definitions: &[EventDefinition],
    participants: &[Participant],
) -> Result<String, Box<dyn std::error::Error>> {
    let mut page = INTRODUCTION.to_owned();
    overview(&mut page, definitions, participants)?;
    envelope(&mut page, definitions)?;
    for definition in definitions {
        section(&mut page, definition, &consumers(definition, participants))?;
    }
    Ok(page)
}

fn overview(
    page: &mut String,
    definitions: &[EventDefinition],
    participants: &[Participant],
) -> std::fmt::Result {
    writeln!(page, "| event | publisher | consumers | what happened |\n|---|---|---|---|")?;
    for definition in definitions {
        let (name, publisher) = (definition.name, definition.publisher());
        let consumers = consumers(definition, participants);
        let data = schema::of_data(definition);
        let description = in_a_cell(schema::description(&data));
        writeln!(page, "| [`{name}`](#{}) | {publisher} | {consumers} | {description} |", anchor(name))?;
    }
    writeln!(page)
}

fn envelope(page: &mut String, definitions: &[EventDefinition]) -> Result<(), Box<dyn std::error::Error>> {
    writeln!(page, "## The envelope\n")?;
    table(page, &schema::of_envelope())?;
    if let Some(definition) = definitions.first() {
        writeln!(page, "\nA whole message:\n")?;
        json(page, &serde_json::to_value(definition.example()?)?)?;
    }
    writeln!(page)?;
    Ok(())
}

fn section(
    page: &mut String,
    definition: &EventDefinition,
    consumers: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let (name, publisher) = (definition.name, definition.publisher());
    let data = schema::of_data(definition);
    writeln!(page, "## {name}\n\n{}\n", schema::description(&data))?;
    let exchange = definition.aggregate.name();
    writeln!(page, "Publisher: {publisher}, to `{exchange}`. Consumers: {consumers}.")?;
    writeln!(page, "[Schema](schemas/{name}.json).\n")?;
    table(page, &data)?;
    writeln!(page)?;
    json(page, &serde_json::from_str(definition.example()?.data.get())?)?;
    writeln!(page)?;
    Ok(())
}

fn consumers(definition: &EventDefinition, participants: &[Participant]) -> String {
    let listening = participants.iter().filter(|p| p.listens_to.contains(&definition.aggregate));
    let names: Vec<_> = listening.map(|p| p.service).collect();
    if names.is_empty() { "none (the event log keeps it)".to_owned() } else { names.join(", ") }
}

fn json(page: &mut String, value: &Value) -> Result<(), Box<dyn std::error::Error>> {
    let mut value = value.clone();
    value.sort_all_objects();
    writeln!(page, "```json\n{}\n```", serde_json::to_string_pretty(&value)?)?;
    Ok(())
}

fn table(page: &mut String, schema: &Value) -> std::fmt::Result {
    writeln!(page, "| field | type | what it is |\n|---|---|---|")?;
    rows(page, "", schema)
}

fn rows(page: &mut String, path: &str, schema: &Value) -> std::fmt::Result {
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}{name}");
        let optional = if required(name) { "" } else { ", optional" };
        let what = in_a_cell(schema::description(field));
        writeln!(page, "| `{path}` | {}{optional} | {what} |", type_of(field))?;
        rows(page, &format!("{path}."), field)?;
    }
    Ok(())
}

fn type_of(field: &Value) -> String {
    if let Some(value) = field.get("const") {
        return format!("`{value}`");
    }
    if let Some(values) = field["enum"].as_array() {
        return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
    }
    let types = match &field["type"] {
        Value::String(one) => one.clone(),
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    };
    match (field["format"].as_str(), field["pattern"].as_str()) {
        (Some(format), _) if types == "string" => format!("{types} ({format})"),
        (_, Some(pattern)) => format!("{types} (`{pattern}`)"),
        _ => types,
    }
}

/// GitHub's anchor of a heading.
fn anchor(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
}

fn in_a_cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
