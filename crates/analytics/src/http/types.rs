//! The types of requests and answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{ONE_LINE, PageSize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::numbers::Resolution;
use crate::store::{FoundEvent, TopProduct};

service::texts! {
    /// An event type.
    pub EventTypeName: "an event type", 1..=255, "no control characters", ONE_LINE, for example "cart.item-added.v1";

    /// What an event is about.
    pub SubjectText: "a subject", 1..=512, "no control characters", ONE_LINE, for example "85123A";

    /// What started it all.
    pub RequestText: "a request's id", 1..=255, "no control characters", ONE_LINE, for example "0193a7c2-5d1e-7b3a-9c4f-2e8d6b1a0f37";
}

/// Of when the figures are.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FigureRange {
    /// How finely
    pub by: Resolution,
    /// From when on: the whole minute, hour or day that this is in; 60 of them if it is left out
    pub from: Option<DateTime<Utc>>,
    /// Until when; until now if it is left out
    pub until: Option<DateTime<Utc>>,
}

/// Of when the products are.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductRange {
    /// How finely the range is kept to
    pub by: Resolution,
    /// From when on: the whole minute, hour or day that this is in; 60 of them if it is left out
    pub from: Option<DateTime<Utc>>,
    /// Until when; until now if it is left out
    pub until: Option<DateTime<Utc>>,
    /// The maximum number of products
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<10, 100>,
}

/// Figures over time.
#[derive(Serialize, ToSchema)]
pub struct Figures {
    /// How finely.
    pub by: Resolution,
    /// The beginning of the first part.
    pub from: DateTime<Utc>,
    /// The end of the last part.
    pub until: DateTime<Utc>,
    /// When the newest event happened that was counted; null before the first.
    pub newest: Option<DateTime<Utc>>,
    /// A part for each minute, hour or day, the oldest first.
    pub parts: Vec<Part>,
}

/// What happened in a minute, an hour or a day.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Part {
    /// Its beginning.
    pub start: DateTime<Utc>,
    /// Events of any type.
    #[schema(example = 812)]
    pub events: i64,
    /// Carts in which something happened for the first time.
    #[schema(example = 12)]
    pub carts_started: i64,
    /// Additions to carts.
    #[schema(example = 96)]
    pub additions: i64,
    /// The units that they added.
    #[schema(example = 244)]
    pub units_added: i64,
    /// What these units cost when they were added, in each currency.
    pub value_added: Vec<Amount>,
    /// Lines that were removed from carts.
    #[schema(example = 4)]
    pub removals: i64,
    /// Times that all the units of a line were held.
    #[schema(example = 90)]
    pub holds: i64,
    /// Times that there was less stock than a line wants.
    #[schema(example = 6)]
    pub shortages: i64,
    /// Holds that ended though their line did not.
    #[schema(example = 2)]
    pub lapses: i64,
    /// Products that were sold out.
    #[schema(example = 1)]
    pub sold_out: i64,
    /// Mails that the mail server accepted.
    #[schema(example = 95)]
    pub mails_sent: i64,
    /// Mails that were given up.
    #[schema(example = 1)]
    pub mails_failed: i64,
    /// Carts that were left with something in them.
    #[schema(example = 3)]
    pub abandonments: i64,
    /// What was in them, in each currency.
    pub value_abandoned: Vec<Amount>,
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
pub struct Amount {
    /// In minor units: 255 is 2.55 GBP.
    #[schema(example = 18_250)]
    pub amount: i64,
    /// ISO 4217.
    #[schema(example = "GBP")]
    pub currency: String,
}

/// What was added to carts most.
#[derive(Serialize, ToSchema)]
pub struct TopProducts {
    /// The beginning of the range.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
    /// The most wanted first.
    pub products: Vec<ProductEntry>,
}

/// A product that was added to carts.
#[derive(Serialize, ToSchema)]
pub struct ProductEntry {
    /// The product.
    #[schema(example = "85123A")]
    pub sku: String,
    /// Its name, as the last addition had it.
    #[schema(example = "White hanging heart t-light holder")]
    pub name: Option<String>,
    /// How often it was added.
    #[schema(example = 17)]
    pub additions: i64,
    /// How many units.
    #[schema(example = 64)]
    pub units: i64,
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
    /// How deep it stands: 0 is the origin.
    #[schema(example = 1)]
    pub depth: usize,
    /// How many milliseconds after the origin it happened, by the clocks of the services.
    #[schema(example = 14)]
    pub after_ms: i64,
    /// The event.
    pub event: EventEntry,
}

/// A figure as JSON has it.
pub fn whole(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

impl From<TopProduct> for ProductEntry {
    fn from(TopProduct { sku, name, additions, units }: TopProduct) -> Self {
        Self { sku, name, additions, units: whole(units) }
    }
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
