//! Operations: a service publishes to its exchanges and takes from its queue.

use events::{Aggregate, EventDefinition, Participant};
use serde_json::{Value, json};

use super::bindings;

pub fn publishes(aggregate: Aggregate, published: &[&EventDefinition]) -> Value {
    let (channel, service) = (aggregate.name(), aggregate.service());
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "title": format!("{service} publishes to {channel}"),
        "summary": format!("The service {service} publishes what happened."),
        "tags": [{ "name": service }],
        "messages": messages(channel, published),
        "bindings": bindings::publishing(),
    })
}

pub fn takes(participant: &Participant, taken: &[&EventDefinition]) -> Value {
    let service = participant.service;
    let aggregates: Vec<_> = participant.listens_to.iter().map(|aggregate| aggregate.name()).collect();
    json!({
        "action": "receive",
        "channel": { "$ref": format!("#/channels/{service}") },
        "title": format!("{service} takes"),
        "summary": format!("The service {service} takes every event of {}.", aggregates.join(" and ")),
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
