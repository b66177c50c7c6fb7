//! Events, and what each caused.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{ONE_LINE, PageSize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::store::FoundEvent;

service::texts! {
    /// An event type.
    pub EventTypeName: "an event type", 1..=255, "no control characters", ONE_LINE, for example "cart.item-added.v1";

    /// What an event is about.
    pub SubjectText: "a subject", 1..=512, "no control characters", ONE_LINE, for example "85123A";

    /// What started it all.
    pub RequestText: "a request's id", 1..=255, "no control characters", ONE_LINE, for example "0193a7c2-5d1e-7b3a-9c4f-2e8d6b1a0f37";
}

/// Which events to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Only events of this type: `cart.item-added.v1`
    #[param(inline)]
    pub r#type: Option<EventTypeName>,
    /// Only events about this: a cart's id, a SKU
    #[param(inline)]
    pub subject: Option<SubjectText>,
    /// Only events that the request with this id (`X-Request-Id`) caused itself; what followed from them is in their trees
    #[param(inline)]
    pub request: Option<RequestText>,
    /// Only events at this time or later
    pub from: Option<DateTime<Utc>>,
    /// Only events before this time
    pub until: Option<DateTime<Utc>>,
    /// Only events behind this one in the list: the `next` of the previous page
    pub after: Option<Uuid>,
    /// The maximum number of events
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<50, 500>,
}

/// A page of events.
#[derive(Serialize, ToSchema)]
pub struct EventPage {
    /// The newest first.
    pub events: Vec<EventEntry>,
    /// The value of `after` for the next page; null on the last page.
    pub next: Option<Uuid>,
}

/// An event, without its data.
#[derive(Serialize, ToSchema)]
pub struct EventEntry {
    /// Its id.
    pub id: Uuid,
    /// Its type.
    #[schema(example = "cart.item-added.v1")]
    pub r#type: String,
    /// Its aggregate, as a path.
    #[schema(example = "/cart/carts")]
    pub source: String,
    /// What it is about.
    #[schema(example = "0193a7c2-5d1e-7b3a-9c4f-2e8d6b1a0f37")]
    pub subject: String,
    /// Its number among the events of its source about its subject.
    #[schema(example = 3)]
    pub sequence: i64,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// What started it all, for example a request's id.
    #[schema(example = "0193a7c2-5d1e-7b3a-9c4f-2e8d6b1a0f37")]
    pub correlation_id: String,
    /// The event that caused it; null where a request did.
    pub causation_id: Option<Uuid>,
    /// The offset of its message in the event log.
    #[schema(example = 4711)]
    pub log_offset: i64,
    /// Its place in this message, from 0.
    #[schema(example = 0)]
    pub log_index: u64,
    /// The size of its JSON.
    #[schema(example = 612)]
    pub bytes: i32,
}

/// An event with its data.
#[derive(Serialize, ToSchema)]
pub struct WholeEvent {
    /// What the index has.
    pub entry: EventEntry,
    /// The event as it was published, read from the event log; null if the log no longer has it.
    pub event: Option<Value>,
}

/// An event and all that it caused.
#[derive(Serialize, ToSchema)]
pub struct EventTree {
    /// The event with which it began: what caused the one that was asked for, or that one.
    pub origin: Uuid,
    /// In the order in which a tree is read: an event, then all that it caused.
    pub events: Vec<TreeEntry>,
    /// Whether that is all of it; a tree has at most 1,000 events.
    pub complete: bool,
}

/// An event in a tree.
#[derive(Serialize, ToSchema)]
pub struct TreeEntry {
    /// Its depth in the tree: 0 is the origin.
    #[schema(example = 1)]
    pub depth: usize,
    /// How many milliseconds after the origin it happened, by the clocks of the services.
    #[schema(example = 14)]
    pub after_ms: i64,
    /// The event.
    pub event: EventEntry,
}

impl From<FoundEvent> for EventEntry {
    fn from(found: FoundEvent) -> Self {
        Self {
            id: found.id,
            r#type: found.event_type,
            source: found.source,
            subject: found.subject,
            sequence: found.sequence,
            time: found.time,
            correlation_id: found.correlation_id,
            causation_id: found.causation_id,
            log_offset: found.place.offset,
            log_index: u64::try_from(found.place.index).unwrap_or(u64::MAX),
            bytes: found.bytes,
        }
    }
}
