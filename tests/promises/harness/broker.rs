//! Takes messages out of a queue and puts them back as a test likes, through RabbitMQ's management API.

use reqwest::Client;
use serde_json::{Value, json};

use super::TestShop;

/// A message as the management API gives it.
#[derive(Clone)]
pub struct Message(Value);

impl Message {
    fn events(&self) -> usize {
        let sequences = self.0["properties"]["headers"]["sequences"].as_str();
        sequences.map_or(1, |list| serde_json::from_str::<Vec<i64>>(list).unwrap().len())
    }
}

impl TestShop {
    /// Takes messages with this many events out of a service's queue.
    pub async fn take_messages(&self, service: &str, number: usize) -> Vec<Message> {
        let mut taken: Vec<Message> = Vec::new();
        let request = json!({"count": number, "ackmode": "ack_requeue_false", "encoding": "base64"});
        testkit::eventually("the messages are in the queue", super::TIMEOUT, async || {
            let got = self.management(&format!("queues/{}/{service}/get", self.vhost()), &request).await;
            taken.extend(got.as_array().cloned().unwrap_or_default().into_iter().map(Message));
            (taken.iter().map(Message::events).sum::<usize>() >= number).then_some(())
        })
        .await;
        taken
    }

    /// Puts a message into a service's queue.
    pub async fn put_message(&self, service: &str, message: &Message) {
        let Message(message) = message;
        let publish = json!({
            "routing_key": service,
            "properties": message["properties"],
            "payload": message["payload"],
            "payload_encoding": "base64",
        });
        let put = self.management(&format!("exchanges/{}/amq.default/publish", self.vhost()), &publish).await;
        assert_eq!(put["routed"], true);
    }

    /// Publishes a message, as the management API wants it, to an exchange. The client is the caller's, who may have many
    /// messages.
    pub async fn publish(&self, client: &Client, exchange: &str, message: &Value) {
        let url = self.management_url(&format!("exchanges/{}/{exchange}/publish", self.vhost()));
        let answer = client.post(url).json(message).send().await.unwrap().error_for_status().unwrap();
        let put: Value = answer.json().await.unwrap();
        assert_eq!(put["routed"], true);
    }

    /// Deletes the event log.
    pub async fn delete_log(&self) {
        let url = self.management_url(&format!("queues/{}/{}", self.vhost(), bus::EVENT_LOG));
        Client::new().delete(url).send().await.unwrap().error_for_status().unwrap();
    }

    /// Empties a service's queue.
    pub async fn purge(&self, service: &str) {
        let url = self.management_url(&format!("queues/{}/{service}/contents", self.vhost()));
        Client::new().delete(url).send().await.unwrap().error_for_status().unwrap();
    }

    pub async fn exchange_exists(&self, exchange: &str) -> bool {
        let url = self.management_url(&format!("exchanges/{}/{exchange}", self.vhost()));
        Client::new().get(url).send().await.unwrap().status().is_success()
    }

    /// The key of a queue's binding to the carts' events, as the management API wants it.
    pub async fn bindings_of(&self, queue: &str) -> String {
        let url = self.management_url(&format!("bindings/{}/e/cart.carts/q/{queue}", self.vhost()));
        let bindings: Value = Client::new().get(url).send().await.unwrap().json().await.unwrap();
        bindings[0]["properties_key"].as_str().unwrap().to_owned()
    }

    /// Asks the management API something.
    pub async fn management(&self, path: &str, body: &Value) -> Value {
        let url = self.management_url(path);
        let answer = Client::new().post(url).json(body).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    fn management_url(&self, path: &str) -> String {
        format!("{}/api/{path}", self.administration.management.trim_end_matches('/'))
    }

    fn vhost(&self) -> &str {
        self.shop.accounts.namespace().vhost()
    }
}
