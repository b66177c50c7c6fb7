//! Operations: a service publishes to its exchange and takes from its queue.

use events::{EventDefinition, Participant};
use serde_json::{Value, json};

use super::bindings;

pub fn publishes(service: &str, published: &[&EventDefinition]) -> Value {
    let channel = events::exchange(service);
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "title": format!("{service} publishes"),
        "summary": format!("The service {service} publishes what happened."),
        "tags": [{ "name": service }],
        "messages": messages(&channel, published),
        "bindings": bindings::publishing(),
    })
}

pub fn takes(participant: &Participant, taken: &[&EventDefinition]) -> Value {
    let service = participant.service;
    json!({
        "action": "receive",
        "channel": { "$ref": format!("#/channels/{service}") },
        "title": format!("{service} takes"),
        "summary": format!("The service {service} takes every event of {}.", participant.listens_to.join(" and ")),
        "tags": [{ "name": service }],
        "messages": messages(service, taken),
        "bindings": bindings::consuming(),
    })
}

/// They have to be some of the channel's.
fn messages(channel: &str, definitions: &[&EventDefinition]) -> Value {
    let references = definitions.iter().map(
        |EventDefinition { name, .. }| json!({ "$ref": format!("#/channels/{channel}/messages/{name}") }),
    );
    references.collect()
}
