//! Delivers messages twice: copies of a service's events, put into a listener's queue through RabbitMQ's management
//! API. They are copies of committed events, as a relay makes them that was cut off from the confirms.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use events::Aggregate;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::outbox::{OutboxRow, oldest};
use crate::checker::Databases;

/// Maximum messages to copy at a time.
const COPIES: usize = 25;
/// Rows of the outbox that are read at a time.
const BATCH: i64 = 25;
/// How long it looks for messages.
const TIMEOUT: Duration = Duration::from_secs(2);
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Publishes to the broker's queues behind the services' backs.
pub struct MessageCopier {
    http: Client,
    /// Of the management API, with the virtual host's name at its end.
    management: String,
    vhost: String,
}

impl MessageCopier {
    /// At the management API, for this virtual host.
    pub fn new(management: &str, vhost: &str) -> reqwest::Result<Self> {
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        let management = management.trim_end_matches('/').to_owned();
        Ok(Self { http, management, vhost: vhost.to_owned() })
    }

    /// Puts copies into a listener's queue, in this order. Returns how many.
    pub async fn deliver(&self, to: &str, events: &[OutboxRow]) -> anyhow::Result<usize> {
        for event in events {
            let path = format!("exchanges/{}/amq.default/publish", self.vhost);
            let published = self.ask(&path, &copy(to, event)).await?;
            ensure!(published["routed"] == true, "there is no queue '{to}'");
        }
        Ok(events.len())
    }

    async fn ask(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.http.post(format!("{}/api/{path}", self.management)).json(body).send().await;
        // The URL in the error would show the administrator's password.
        let answer =
            answer.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url);
        let answer = answer.with_context(|| format!("asking the management API for {path}"))?;
        Ok(answer.json().await.map_err(reqwest::Error::without_url)?)
    }
}

/// As the relay publishes it.
fn copy(to: &str, event: &OutboxRow) -> Value {
    let OutboxRow { event_id, event_type, source, subject, sequence, body } = event;
    let properties = json!({
        "delivery_mode": 2, "content_type": envelope::CONTENT_TYPE, "message_id": event_id.to_string(), "type": event_type,
        "app_id": source, "headers": {"source": source, "subject": subject, "sequence": sequence},
    });
    let payload = STANDARD.encode(body);
    json!({"routing_key": to, "properties": properties, "payload": payload, "payload_encoding": "base64"})
}

/// Events of an aggregate that are committed and not published yet, as they pass by, in their order.
pub async fn catch(databases: &Databases, aggregate: Aggregate) -> anyhow::Result<Vec<OutboxRow>> {
    let (mut caught, mut known) = (Vec::new(), BTreeSet::<Uuid>::new());
    let began = Instant::now();
    while caught.len() < COPIES && began.elapsed() < TIMEOUT {
        let rows = oldest(databases, aggregate, BATCH).await?;
        caught.extend(rows.into_iter().filter(|row| known.insert(row.event_id)));
        sleep(POLL_INTERVAL).await;
    }
    Ok(caught)
}

/// Waits until the relay has published these, but not forever.
pub async fn until_published(
    databases: &Databases,
    aggregate: Aggregate,
    events: &[OutboxRow],
) -> anyhow::Result<()> {
    let began = Instant::now();
    while began.elapsed() < TIMEOUT {
        let there = oldest(databases, aggregate, 10_000).await?;
        if !there.iter().any(|row| events.iter().any(|event| event.event_id == row.event_id)) {
            break;
        }
        sleep(POLL_INTERVAL).await;
    }
    Ok(())
}
