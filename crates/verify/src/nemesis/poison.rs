//! Messages that are no events: they must harm nobody, and become dead letters.

use anyhow::Context;
use reqwest::Client;
use serde_json::{Value, json};

use crate::checker::POISON;

/// Enough for all that a run publishes.
const MOST: usize = 10_000;

/// Publishes poison, and takes it away again from among the dead letters.
pub struct Poison {
    http: Client,
    /// Of the management API.
    url: String,
    vhost: String,
}

impl Poison {
    /// At the management API, for this virtual host.
    #[must_use]
    pub fn new(management: &str, vhost: &str) -> Self {
        let url = format!("{}/api", management.trim_end_matches('/'));
        Self { http: Client::new(), url, vhost: vhost.to_owned() }
    }

    /// Publishes messages without an event's headers, with a subject that no database takes, and with one that nobody can
    /// number. Returns how many.
    pub(super) async fn publish(&self, exchange: &str) -> anyhow::Result<usize> {
        let source = envelope::source_of(exchange);
        let headers = [
            json!({}),
            json!({"source": source, "subject": "a\u{0}b", "sequence": 1}),
            json!({"source": source, "subject": "a", "sequence": -1}),
            json!({"source": "/elsewhere", "subject": "a", "sequence": 1}),
        ];
        for headers in &headers {
            let message = json!({
                "routing_key": "poison", "payload": String::from_utf8_lossy(POISON), "payload_encoding": "string",
                "properties": {"delivery_mode": 2, "headers": headers},
            });
            self.post(&format!("exchanges/{}/{exchange}/publish", self.vhost), &message).await?;
        }
        Ok(headers.len())
    }

    /// Takes the poison from among a service's dead letters. Returns how many others there are.
    ///
    /// # Errors
    /// When RabbitMQ does not answer.
    pub async fn take_away(&self, service: &str) -> anyhow::Result<usize> {
        let request = json!({"count": MOST, "ackmode": "ack_requeue_false", "encoding": "auto"});
        let queue = bus::dead_letters_of(service);
        let dead = self.post(&format!("queues/{}/{queue}/get", self.vhost), &request).await?;
        let others = dead
            .as_array()
            .into_iter()
            .flatten()
            .filter(|letter| letter["payload"].as_str().map(str::as_bytes) != Some(POISON));
        Ok(others.count())
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.http.post(format!("{}/{path}", self.url)).json(body).send().await;
        // The URL in the error would show the administrator's password.
        let answer =
            answer.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url);
        let answer = answer.with_context(|| format!("asking the management API for {path}"))?;
        Ok(answer.json().await.map_err(reqwest::Error::without_url)?)
    }
}
