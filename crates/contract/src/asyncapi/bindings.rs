//! What AsyncAPI's AMQP binding says about channels, operations and messages.

use serde_json::{Value, json};

const VERSION: &str = "0.3.0";
const PERSISTENT: u8 = 2;

pub fn exchange(name: &str) -> Value {
    json!({ "amqp": {
        "is": "routingKey",
        "exchange": { "name": name, "type": "topic", "durable": true, "autoDelete": false },
        "bindingVersion": VERSION,
    }})
}

pub fn quorum_queue(name: &str) -> Value {
    json!({ "amqp": {
        "is": "queue",
        "queue": { "name": name, "durable": true, "exclusive": false, "autoDelete": false },
        "x-queue-type": "quorum",
        "bindingVersion": VERSION,
    }})
}

pub fn publishing() -> Value {
    json!({ "amqp": { "deliveryMode": PERSISTENT, "bindingVersion": VERSION } })
}

pub fn consuming() -> Value {
    json!({ "amqp": { "ack": true, "bindingVersion": VERSION } })
}

pub fn message(event_type: &str) -> Value {
    json!({ "amqp": { "messageType": event_type, "bindingVersion": VERSION } })
}
