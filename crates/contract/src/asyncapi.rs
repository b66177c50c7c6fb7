//! The exchange of events as an [AsyncAPI](https://www.asyncapi.com) document: which service publishes what to which
//! exchange, and which queue gets it.

use std::collections::BTreeMap;

use events::{Kind, Participant};
use serde::Serialize;
use serde_json::{Value, json};

use crate::schema;

const VERSION: &str = "3.0.0";
const BINDING: &str = "0.3.0";
const PERSISTENT: u8 = 2;

/// An AsyncAPI document. Its parts are in the order in which people read them.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    asyncapi: &'static str,
    info: Value,
    #[serde(rename = "defaultContentType")]
    default_content_type: &'static str,
    servers: Value,
    channels: BTreeMap<String, Value>,
    operations: BTreeMap<String, Value>,
    components: Value,
}

impl Document {
    /// The document as YAML.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn to_yaml(&self) -> Result<String, Box<dyn std::error::Error>> {
        let mut value = self.clone();
        for part in [&mut value.info, &mut value.servers, &mut value.components] {
            part.sort_all_objects();
        }
        for part in value.channels.values_mut().chain(value.operations.values_mut()) {
            part.sort_all_objects();
        }
        let yaml = serde_saphyr::to_string(&value)?;
        Ok(format!(
            "# Generated from the Rust types: UPDATE=1 cargo test -p contract --test committed\n{yaml}"
        ))
    }
}

/// The document of these kinds of events and the services that exchange them.
///
/// # Errors
/// When an example can't be written as JSON.
pub fn document(kinds: &[Kind], participants: &[Participant]) -> serde_json::Result<Document> {
    let mut channels = BTreeMap::new();
    let mut operations = BTreeMap::new();
    for participant in participants {
        let service = participant.service;
        let published = of_services(kinds, &[service]);
        if !published.is_empty() {
            let name = exchange(service);
            operations.insert(format!("{service}.publishes"), publishes(service, &name, &published));
            channels.insert(name, exchange_channel(service, &published));
        }
        let taken = of_services(kinds, participant.listens_to);
        if !taken.is_empty() {
            operations.insert(format!("{service}.takes"), takes(participant, &taken));
            channels.insert(service.to_owned(), queue_channel(participant, &taken));
        }
    }
    Ok(Document {
        asyncapi: VERSION,
        info: info(),
        default_content_type: envelope::CONTENT_TYPE,
        servers: servers(),
        channels,
        operations,
        components: components(kinds)?,
    })
}

/// The exchange that a service publishes to.
#[must_use]
pub fn exchange(service: &str) -> String {
    format!("{service}.events")
}

fn of_services<'a>(kinds: &'a [Kind], services: &[&str]) -> Vec<&'a Kind> {
    kinds.iter().filter(|kind| services.contains(&kind.publisher())).collect()
}

fn info() -> Value {
    json!({
        "title": "The events of Cartwheel",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Every event of the shop: CloudEvents 1.0 as structured JSON, over RabbitMQ. A service publishes \
            to a topic exchange of its own and takes from one queue of its own, which gets every event of the services \
            that it listens to. Events of one source and subject are numbered without holes. Inside a major version \
            (`.v1`) only optional fields are added; readers ignore fields that they don't know.",
        "license": { "name": "MIT OR Apache-2.0" },
    })
}

fn servers() -> Value {
    json!({ "rabbitmq": {
        "host": "{host}:{port}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ, 3.10 or later. `cartwheel topology` declares exchanges, queues and bindings there.",
        "variables": {
            "host": { "default": "localhost", "description": "Where RabbitMQ is." },
            "port": { "default": "5672", "description": "Where it listens for AMQP." },
        },
    }})
}

fn exchange_channel(service: &str, published: &[&Kind]) -> Value {
    let facts: Vec<_> = published.iter().filter_map(|kind| Some(kind.name.split_once('.')?.1)).collect();
    json!({
        "address": format!("{service}.{{fact}}"),
        "title": format!("What {service} publishes"),
        "description": format!("The exchange `{}`. The routing key is the event's type.", exchange(service)),
        "parameters": { "fact": { "enum": facts, "description": "What happened, and the version of its data." } },
        "messages": messages(published),
        "bindings": { "amqp": {
            "is": "routingKey",
            "exchange": { "name": exchange(service), "type": "topic", "durable": true, "autoDelete": false },
            "bindingVersion": BINDING,
        }},
    })
}

fn queue_channel(participant: &Participant, taken: &[&Kind]) -> Value {
    let service = participant.service;
    json!({
        "address": service,
        "title": format!("What {service} takes"),
        "description": format!("The quorum queue `{service}`, bound with `#` to {}.", exchanges(participant)),
        "messages": messages(taken),
        "bindings": { "amqp": {
            "is": "queue",
            "queue": { "name": service, "durable": true, "exclusive": false, "autoDelete": false },
            "x-queue-type": "quorum",
            "bindingVersion": BINDING,
        }},
    })
}

fn exchanges(participant: &Participant) -> String {
    let names = participant.listens_to.iter().map(|source| format!("`{}`", exchange(source)));
    names.collect::<Vec<_>>().join(" and ")
}

fn publishes(service: &str, channel: &str, published: &[&Kind]) -> Value {
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "title": format!("{service} publishes"),
        "summary": format!("The service {service} tells what happened."),
        "tags": [{ "name": service }],
        "messages": messages_of(channel, published),
        "bindings": { "amqp": { "deliveryMode": PERSISTENT, "bindingVersion": BINDING } },
    })
}

fn takes(participant: &Participant, taken: &[&Kind]) -> Value {
    let service = participant.service;
    json!({
        "action": "receive",
        "channel": { "$ref": format!("#/channels/{service}") },
        "title": format!("{service} takes"),
        "summary": format!("The service {service} takes every event of {}.", participant.listens_to.join(" and ")),
        "tags": [{ "name": service }],
        "messages": messages_of(service, taken),
        "bindings": { "amqp": { "ack": true, "bindingVersion": BINDING } },
    })
}

/// A channel's messages.
fn messages(kinds: &[&Kind]) -> Value {
    let messages = kinds.iter().map(|kind| {
        (kind.name.to_owned(), json!({ "$ref": format!("#/components/messages/{}", kind.name) }))
    });
    Value::Object(messages.collect())
}

/// An operation's messages, which have to be some of its channel's.
fn messages_of(channel: &str, kinds: &[&Kind]) -> Value {
    let references =
        kinds.iter().map(|kind| json!({ "$ref": format!("#/channels/{channel}/messages/{}", kind.name) }));
    references.collect()
}

fn components(kinds: &[Kind]) -> serde_json::Result<Value> {
    let mut schemas = serde_json::Map::new();
    for (name, mut schema) in crate::schemas(kinds) {
        if let Some(schema) = schema.as_object_mut() {
            // The document says once for all which JSON Schema it takes.
            schema.remove("$schema");
        }
        schemas.insert(name, schema);
    }
    let mut messages = serde_json::Map::new();
    for kind in kinds {
        messages.insert(kind.name.to_owned(), message(kind, schema::description(&schemas[kind.name]))?);
    }
    Ok(json!({ "messages": messages, "schemas": schemas }))
}

fn message(kind: &Kind, description: &str) -> serde_json::Result<Value> {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    Ok(json!({
        "name": kind.name,
        "title": kind.name,
        "summary": description,
        "contentType": envelope::CONTENT_TYPE,
        "correlationId": {
            "location": "$message.payload#/correlationid",
            "description": "What started it all; the same for everything that follows from it.",
        },
        "payload": schema::of_message(kind, &reference(schema::ENVELOPE), &reference(kind.name)),
        "bindings": { "amqp": { "messageType": kind.name, "bindingVersion": BINDING } },
        "examples": [{ "name": "example", "payload": serde_json::to_value(&kind.example)? }],
    }))
}
