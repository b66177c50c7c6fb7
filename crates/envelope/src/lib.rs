//! The envelope that every event travels in: [CloudEvents 1.0](https://cloudevents.io) as structured JSON.
//!
//! This crate knows no shop and does no I/O. An event type implements [`EventType`]; an [`Envelope`] carries one
//! event, with what is needed to route it, to order it and to trace it. On reading, the data stays raw JSON until
//! somebody asks for it, so that a service parses only the events that it needs.
//!
//! ```
//! use envelope::{Cause, Clock, Envelope, EventType};
//!
//! #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
//! struct LampLit { room: String }
//!
//! impl EventType for LampLit {
//!     const TYPE: &'static str = "house.lamp-lit.v1";
//!     fn subject(&self) -> String { self.room.clone() }
//! }
//!
//! let event = LampLit { room: "kitchen".into() };
//! let sent = Envelope::new("/house", &event, &Cause::started_by("request-7"), Clock::system().now())?.numbered(1);
//! let json = serde_json::to_vec(&sent)?;
//!
//! let received: Envelope = serde_json::from_slice(&json)?;
//! assert_eq!((received.subject.as_str(), received.sequence), ("kitchen", 1));
//! assert_eq!(received.read::<LampLit>()?, Some(event));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod cause;
mod clock;
mod sequence;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

pub use cause::Cause;
pub use clock::Clock;

/// The content type of an [`Envelope`] as JSON.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// One kind of event: its name on the wire and the aggregate that it is about.
pub trait EventType: Serialize + DeserializeOwned {
    /// `<service>.<fact-in-past-tense>.v<major version>`, for example `cart.item-added.v1`.
    const TYPE: &'static str;

    /// Whether nothing follows it in its subject, as nothing follows the end of a cart.
    const FINAL: bool = false;

    /// The aggregate that the event is about, for example a cart's id. Events of one subject keep their order.
    fn subject(&self) -> String;
}

/// One event on its way. The field docs give the names on the wire where they differ.
// Its schema is for readers in any language, so it has words of its own where these docs speak of Rust.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "One event on its way: CloudEvents 1.0 as structured JSON.")]
pub struct Envelope {
    /// The version of CloudEvents.
    specversion: SpecVersion,
    /// Unique for the event, for ever; a version 7 UUID.
    pub id: Uuid,
    /// Who published it, as a path: `/cart`.
    pub source: String,
    /// `type`: see [`EventType::TYPE`].
    #[serde(rename = "type")]
    #[schemars(description = "The kind of event, which is also its routing key: `cart.item-added.v1`.")]
    pub kind: String,
    /// See [`EventType::subject`].
    #[schemars(
        description = "What the event is about, for example a cart's id. Events of one subject keep their order."
    )]
    pub subject: String,
    /// The event's number among the source's events of this subject: from 1, without holes. On the wire a string,
    /// as CloudEvents' sequence extension wants it.
    #[serde(with = "sequence")]
    #[schemars(with = "String", regex(pattern = "^[0-9]+$"))]
    pub sequence: i64,
    /// How to read the sequence.
    sequencetype: SequenceType,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The form of the data.
    datacontenttype: DataContentType,
    /// `final`: see [`EventType::FINAL`]. Left out where something may follow.
    #[serde(rename = "final", default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(
        description = "Whether nothing follows it in its subject. Left out where something may follow."
    )]
    pub is_final: bool,
    /// What started it all, what caused it, and its trace.
    #[serde(flatten)]
    pub cause: Cause,
    /// The event's own fields, not parsed yet; see [`Envelope::read`].
    #[schemars(with = "serde_json::Value", description = "The event's own fields.")]
    pub data: Box<RawValue>,
}

impl Envelope {
    /// Wraps an event that happened at `time`. Its `sequence` is 0 until it is [numbered](Self::numbered).
    ///
    /// # Errors
    /// When the event can't be written as JSON, for example a map with keys that are no strings.
    pub fn new<E: EventType>(
        source: &str,
        event: &E,
        cause: &Cause,
        time: DateTime<Utc>,
    ) -> serde_json::Result<Self> {
        Ok(Self {
            specversion: SpecVersion::V1,
            id: Uuid::now_v7(),
            source: source.to_owned(),
            kind: E::TYPE.to_owned(),
            subject: event.subject(),
            sequence: 0,
            sequencetype: SequenceType::Integer,
            time,
            datacontenttype: DataContentType::Json,
            is_final: E::FINAL,
            cause: cause.clone(),
            data: to_raw_value(event)?,
        })
    }

    /// The same event with its number among its subject's events.
    #[must_use]
    pub fn numbered(self, sequence: i64) -> Self {
        Self { sequence, ..self }
    }

    /// Whether this is an event of type `E`.
    #[must_use]
    pub fn is<E: EventType>(&self) -> bool {
        self.kind == E::TYPE
    }

    /// The event's data if it is of type `E`, or `None` for another type. Unknown fields are ignored.
    ///
    /// # Errors
    /// When the type is `E` and the data does not fit it.
    pub fn read<E: EventType>(&self) -> serde_json::Result<Option<E>> {
        if self.is::<E>() { serde_json::from_str(self.data.get()).map(Some) } else { Ok(None) }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
enum SpecVersion {
    #[serde(rename = "1.0")]
    V1,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
enum SequenceType {
    Integer,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
enum DataContentType {
    #[serde(rename = "application/json")]
    Json,
}

#[cfg(test)]
mod tests;
