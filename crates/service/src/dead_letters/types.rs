//! Requests and answers of `/dead-letters`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bus::{OpenedDeadLetter, SettledDeadLetters};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::extract::PageSize;
use crate::text::ONE_LINE;

crate::texts! {
    /// Names a dead letter, as long as it is there.
    pub(super) LetterId: "an id", 1..=64, "no control characters", ONE_LINE, for example "5d6f0c3a91b2e784";
}

/// How many dead letters to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// The maximum number of dead letters to list.
    #[serde(default)]
    #[param(inline, required = false)]
    pub(super) limit: PageSize<100, 1000>,
}

/// A message that RabbitMQ gave up delivering to the service, or that the service took for no event.
#[derive(Serialize, ToSchema)]
pub(super) struct DeadLetter {
    /// Names it in the other requests, as long as it is there.
    #[schema(example = "5d6f0c3a91b2e784")]
    id: String,
    /// Why RabbitMQ moved it: `rejected` by the service, or `delivery_limit`.
    #[schema(example = "rejected")]
    reason: String,
    /// Since when it is a dead letter, if RabbitMQ says so.
    since: Option<DateTime<Utc>>,
    /// The type of its events, or what it was published with.
    #[schema(example = "cart.item-added.v1")]
    r#type: String,
    /// The events that it has; none if it is no event's.
    events: Vec<EventInLetter>,
    /// The size of its body.
    bytes: usize,
}

/// An event in a dead letter.
#[derive(Serialize, ToSchema)]
struct EventInLetter {
    /// Where it comes from.
    #[schema(example = "/cart/carts")]
    source: String,
    /// What it is about.
    subject: String,
    /// Its number among the source's events of the subject.
    sequence: i64,
}

/// A dead letter with all that is in it.
#[derive(Serialize, ToSchema)]
pub(super) struct DeadLetterDetails {
    #[serde(flatten)]
    letter: DeadLetter,
    /// Its headers.
    headers: Vec<LetterHeader>,
    /// The body, where it is JSON.
    #[schema(value_type = Option<Object>)]
    body: Option<Box<RawValue>>,
    /// The body in base64, where it is not.
    body_base64: Option<String>,
}

/// A header of a message.
#[derive(Serialize, ToSchema)]
struct LetterHeader {
    /// Its name.
    #[schema(example = "subject")]
    name: String,
    /// Its value, as text.
    value: String,
}

/// What became of dead letters.
#[derive(Serialize, ToSchema)]
pub(super) struct SettledLetters {
    /// How many are no dead letters any more.
    settled: usize,
    /// How many stay dead letters, since they are no events.
    left: usize,
}

impl From<bus::DeadLetter> for DeadLetter {
    fn from(letter: bus::DeadLetter) -> Self {
        let bus::DeadLetter { id, reason, since, kind, events, bytes } = letter;
        let event = |(source, subject, sequence)| EventInLetter { source, subject, sequence };
        Self { id, reason, since, r#type: kind, events: events.into_iter().map(event).collect(), bytes }
    }
}

impl From<OpenedDeadLetter> for DeadLetterDetails {
    fn from(OpenedDeadLetter { letter, headers, body }: OpenedDeadLetter) -> Self {
        let json: Option<Box<RawValue>> = serde_json::from_slice(&body).ok();
        let body_base64 = json.is_none().then(|| BASE64_STANDARD.encode(&body));
        let headers = headers.into_iter().map(|(name, value)| LetterHeader { name, value }).collect();
        Self { letter: letter.into(), headers, body: json, body_base64 }
    }
}

impl From<SettledDeadLetters> for SettledLetters {
    fn from(SettledDeadLetters { settled, left }: SettledDeadLetters) -> Self {
        Self { settled, left }
    }
}
