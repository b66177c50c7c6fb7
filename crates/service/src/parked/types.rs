//! Requests and answers of `/parked`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bus::parking::{Details, Filter, Parked};
use chrono::{DateTime, Utc};
use envelope::After;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::extract::PageSize;
use crate::text::{ONE_LINE, blank};

crate::texts! {
    /// A type of event.
    pub(super) EventType: "an event's type", 1..=255, "no control characters", ONE_LINE,
        for example "cart.item-added.v1";

    /// What an event is about.
    pub(super) Subject: "a subject", 1..=1000, "no control characters", ONE_LINE,
        for example "9f3c0a66-2a55-4a0e-8a55-6d2f0c1b7e11";

    /// A part of an error.
    pub(super) ErrorPart: "a part of an error", 1..=200, "no control characters, no line breaks", ONE_LINE,
        for example "unknown product";

    /// Why: for those who look into it later.
    pub(super) Reason: "a reason", 1..=200, "no control characters, no line breaks, not only blanks", ONE_LINE,
        for example "test data", and blank;
}

/// Which parked events to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only those of this type.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<EventType>,
    /// Only those of this subject.
    #[param(inline)]
    subject: Option<Subject>,
    /// Only those in this state.
    #[param(inline)]
    state: Option<ParkedState>,
    /// Only those whose error contains this text.
    #[param(inline)]
    error: Option<ErrorPart>,
    /// Only those that were parked at this time or later.
    from: Option<DateTime<Utc>>,
    /// Only those that were parked before this time.
    until: Option<DateTime<Utc>>,
    /// The maximum number of events to list.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: PageSize<100, 1000>,
}

/// Why something is done.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReasonQuery {
    /// Why: kept with what was done, for those who look into it later.
    #[param(inline)]
    pub(super) reason: Option<Reason>,
}

/// Why an event is parked.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ParkedState {
    Waiting,
    Failed,
    Fatal,
}

impl ParkedState {
    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Fatal => "fatal",
        }
    }
}

impl ListQuery {
    /// Which events, and how many at most.
    pub(super) fn split(self) -> (Filter, i64) {
        let filter = Filter {
            kind: self.kind.map(Into::into),
            subject: self.subject.map(Into::into),
            state: self.state.map(|state| state.name().to_owned()),
            error: self.error.map(Into::into),
            from: self.from,
            until: self.until,
        };
        (filter, self.limit.get().into())
    }
}

/// An event that could not be processed.
#[derive(Serialize, ToSchema)]
pub(super) struct ParkedEvent {
    /// Names it in the other requests.
    id: i64,
    /// `failed`: its handler refused it or its data can't be read. `waiting`: it waits for an earlier event of its
    /// subject, or for one `after` which it must come. `fatal`: it crashed the process repeatedly.
    #[schema(example = "failed")]
    state: String,
    /// Why.
    error: Option<String>,
    /// How often it was tried.
    attempts: i32,
    /// When it is tried again by itself; null while it waits for an earlier event, or for an operator.
    next_attempt: Option<DateTime<Utc>>,
    /// Since when it is parked.
    parked_at: DateTime<Utc>,
    /// Where it comes from.
    #[schema(example = "/cart/carts")]
    source: String,
    /// What it is about.
    subject: String,
    /// Its number among the source's events of the subject.
    sequence: i64,
    /// Its type.
    #[schema(example = "cart.item-added.v1")]
    r#type: String,
    /// Its own id, if the message has one.
    event_id: Option<String>,
    /// The event of another subject that must be processed before it, if it names one.
    after: Option<AfterEvent>,
}

/// An event of another subject that must be processed before.
#[derive(Serialize, ToSchema)]
struct AfterEvent {
    /// Where it comes from.
    #[schema(example = "/cart/carts")]
    source: String,
    /// What it is about.
    subject: String,
    /// Its number among the source's events of the subject.
    sequence: i64,
}

/// An event that could not be processed, with its body.
#[derive(Serialize, ToSchema)]
pub(super) struct ParkedDetails {
    #[serde(flatten)]
    event: ParkedEvent,
    /// The number of the last event of its subject that was processed.
    position: i64,
    /// The body, where it is JSON.
    #[schema(value_type = Option<Object>)]
    body: Option<Box<RawValue>>,
    /// The body in base64, where it is not.
    body_base64: Option<String>,
}

impl From<Parked> for ParkedEvent {
    fn from(parked: Parked) -> Self {
        let after = parked.after();
        Self {
            after: after.map(|After { source, subject, sequence }| AfterEvent { source, subject, sequence }),
            id: parked.id,
            state: parked.state,
            error: parked.error,
            attempts: parked.attempts,
            next_attempt: parked.next_attempt,
            parked_at: parked.parked_at,
            source: parked.source,
            subject: parked.subject,
            sequence: parked.sequence,
            r#type: parked.kind,
            event_id: parked.event_id,
        }
    }
}

impl From<Details> for ParkedDetails {
    fn from(Details { parked, body, position, .. }: Details) -> Self {
        let json: Option<Box<RawValue>> = serde_json::from_slice(&body).ok();
        let body_base64 = json.is_none().then(|| BASE64_STANDARD.encode(&body));
        Self { event: parked.into(), position, body: json, body_base64 }
    }
}
