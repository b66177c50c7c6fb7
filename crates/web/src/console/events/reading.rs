//! Events, as analytics' index has them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::console::api::{Api, Refusal};
use crate::services::Service;

#[derive(Deserialize)]
pub struct Entry {
    pub id: Uuid,
    pub r#type: String,
    pub source: String,
    pub subject: String,
    pub sequence: i64,
    pub time: DateTime<Utc>,
    pub correlation_id: String,
    pub causation_id: Option<Uuid>,
    pub log_offset: i64,
    pub log_index: u64,
    pub bytes: i64,
}

/// A page of the list.
#[derive(Deserialize)]
pub struct Found {
    pub events: Vec<Entry>,
    pub next: Option<Uuid>,
}

/// An event with its data; none, if the log no longer has it.
#[derive(Deserialize)]
pub struct Whole {
    pub entry: Entry,
    pub event: Option<Value>,
}

/// What an event caused, in the order in which a tree is read.
#[derive(Deserialize)]
pub struct Tree {
    pub events: Vec<Branch>,
    pub complete: bool,
}

#[derive(Deserialize)]
pub struct Branch {
    pub depth: usize,
    pub after_ms: i64,
    pub event: Entry,
}

impl Entry {
    /// When it happened, to the millisecond.
    pub fn moment(&self) -> String {
        self.time.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
    }

    /// The service that published it.
    pub fn service(&self) -> &str {
        self.source.trim_start_matches('/').split('/').next().unwrap_or_default()
    }

    /// Where it is shown.
    pub fn page(&self) -> String {
        format!("/console/events/{}", self.id)
    }
}

impl Whole {
    pub async fn read(api: &Api, id: Uuid) -> Result<Self, Refusal> {
        api.get(Service::Analytics, &["analytics", "events", &id.to_string()], &[]).await
    }
}

impl Tree {
    pub async fn read(api: &Api, id: Uuid) -> Result<Self, Refusal> {
        api.get(Service::Analytics, &["analytics", "events", &id.to_string(), "tree"], &[]).await
    }
}
