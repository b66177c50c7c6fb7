//! The exchange of events as an [AsyncAPI](https://www.asyncapi.com) document: which service publishes what to which
//! exchange, and which queue gets it.

mod bindings;
mod channels;
mod components;
mod operations;

use std::collections::BTreeMap;

use events::{Aggregate, EventDefinition, Participant};
use serde::Serialize;
use serde_json::{Value, json};

const VERSION: &str = "3.0.0";

/// An AsyncAPI document. Its fields are in the order in which people read them.
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

/// The document of these event types and the services that exchange them.
///
/// # Errors
/// When an example can't be written as JSON.
pub fn document(
    definitions: &[EventDefinition],
    participants: &[Participant],
) -> serde_json::Result<Document> {
    let mut channels = BTreeMap::new();
    let mut operations = BTreeMap::new();
    for participant in participants {
        let service = participant.service;
        for aggregate in participant.publishes {
            let (name, published) = (aggregate.name(), of_aggregates(definitions, &[*aggregate]));
            operations.insert(format!("{name}.publish"), operations::publishes(*aggregate, &published));
            channels.insert(name.to_owned(), channels::exchange(*aggregate, &published));
        }
        let taken = of_aggregates(definitions, participant.listens_to);
        if !taken.is_empty() {
            operations.insert(format!("{service}.takes"), operations::takes(participant, &taken));
            channels.insert(service.to_owned(), channels::queue(participant, &taken));
        }
    }
    Ok(Document {
        asyncapi: VERSION,
        info: info(),
        default_content_type: envelope::CONTENT_TYPE,
        servers: servers(),
        channels,
        operations,
        components: components::components(definitions)?,
    })
}

fn of_aggregates<'a>(
    definitions: &'a [EventDefinition],
    aggregates: &[Aggregate],
) -> Vec<&'a EventDefinition> {
    definitions.iter().filter(|definition| aggregates.contains(&definition.aggregate)).collect()
}

fn info() -> Value {
    json!({
        "title": "The events of Cartwheel",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Every event of the shop: CloudEvents 1.0 as structured JSON, over RabbitMQ. An aggregate is \
            a stream of events with a topic exchange of its own; a service takes from one queue of its own, which gets every \
            event of the aggregates that it listens to. Events of one source and subject are numbered without gaps. Inside a major version \
            (`.v1`) only optional fields are added; readers ignore fields that they don't know. Events of one type that wait at their \
            publisher share a message, up to 64: its content type is `application/cloudevents-batch+json`, its payload a JSON array of \
            them, and its headers `ids`, `subjects`, `sequences` and `lengths` (bytes of the payload) are JSON arrays in strings, with \
            an entry for each.",
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
