//! Channels: exchanges and queues.

use events::{Aggregate, EventDefinition, Participant};
use serde_json::{Value, json};

use super::bindings;

pub fn exchange(aggregate: Aggregate, published: &[&EventDefinition]) -> Value {
    let (exchange, service) = (aggregate.name(), aggregate.service());
    let facts: Vec<_> =
        published.iter().filter_map(|definition| Some(definition.name.split_once('.')?.1)).collect();
    json!({
        "address": format!("{service}.{{fact}}"),
        "title": format!("What {service} publishes about {}", exchange.rsplit('.').next().unwrap_or_default()),
        "description": format!("The exchange `{exchange}`. The routing key is the event's type."),
        "parameters": { "fact": { "enum": facts, "description": "What happened, and the version of its data." } },
        "messages": messages(published),
        "bindings": bindings::exchange(exchange),
    })
}

pub fn queue(participant: &Participant, taken: &[&EventDefinition]) -> Value {
    let service = participant.service;
    let sources: Vec<_> =
        participant.listens_to.iter().map(|aggregate| format!("`{}`", aggregate.name())).collect();
    let sources = sources.join(" and ");
    json!({
        "address": service,
        "title": format!("What {service} takes"),
        "description": format!("The quorum queue `{service}`, bound with `#` to {sources}."),
        "messages": messages(taken),
        "bindings": bindings::quorum_queue(service),
    })
}

fn messages(definitions: &[&EventDefinition]) -> Value {
    let messages = definitions.iter().map(|EventDefinition { name, .. }| {
        ((*name).to_owned(), json!({ "$ref": format!("#/components/messages/{name}") }))
    });
    Value::Object(messages.collect())
}
