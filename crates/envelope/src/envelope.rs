mod wire;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use crate::after::After;
use crate::aggregate::source_of;
use crate::attributes::{DataContentType, SequenceType, SpecVersion, optional_sequence, sequence};
use crate::cause::Cause;
use crate::event_type::EventType;

/// The content type of an [`Envelope`] as JSON.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";
/// The content type of several events in one message: a JSON array of them.
pub const BATCH_CONTENT_TYPE: &str = "application/cloudevents-batch+json";

/// One event on its way. The field docs give the names on the wire where they differ.
// Its schema is for readers in any language, so it has words of its own where these docs speak of Rust. It follows serde's
// attributes, `default` among them; how it is read is in `wire`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "One event on its way: CloudEvents 1.0 as structured JSON.")]
pub struct Envelope {
    /// The version of CloudEvents.
    specversion: SpecVersion,
    /// Unique for the event, forever; a version 7 UUID.
    pub id: Uuid,
    /// The stream that it is part of, as a path: `/orders/orders`. See [`EventType::AGGREGATE`].
    #[schemars(
        description = "The aggregate, the stream that the event is part of, as a path: `/cart/carts`."
    )]
    pub source: String,
    /// `type`: see [`EventType::TYPE`].
    #[serde(rename = "type")]
    #[schemars(description = "The event type, which is also the routing key: `cart.item-added.v1`.")]
    pub kind: String,
    /// See [`EventType::subject`].
    #[schemars(
        description = "What the event is about, for example a cart's id. Events of one subject keep their order."
    )]
    pub subject: String,
    /// The event's number among the source's events of this subject: from 1, without gaps, unless
    /// `previous` says otherwise. On the wire it is a string, as CloudEvents' sequence extension requires.
    #[serde(with = "sequence")]
    #[schemars(with = "String", regex(pattern = "^[0-9]+$"))]
    pub sequence: i64,
    /// The number of the subject's previous event, if that is not `sequence - 1`: a publisher that was restored from a backup
    /// continues with much higher numbers.
    #[serde(with = "optional_sequence", default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<String>",
        regex(pattern = "^[0-9]+$"),
        description = "The number of the subject's previous event, if that is not `sequence` - 1: a service that was restored from a backup continues with much higher numbers."
    )]
    pub previous: Option<i64>,
    /// `aftersource`, `aftersubject` and `aftersequence`: the event of another subject that must be taken before it.
    #[serde(flatten)]
    pub after: Option<After>,
    /// How to read the sequence.
    sequencetype: SequenceType,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The form of the data.
    datacontenttype: DataContentType,
    /// `final`: see [`EventType::FINAL`]. Left out if something may follow.
    #[serde(rename = "final", default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(description = "Whether nothing follows it in its subject. Left out if something may follow.")]
    pub is_final: bool,
    /// `snapshot`: whether it contains the whole present state of its subject, published again: a consumer that hasn't taken
    /// what came before may begin with it. Left out otherwise.
    #[serde(rename = "snapshot", default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(
        description = "Whether it contains the whole present state of its subject, published again: a consumer that hasn't taken what came before may begin with it. Left out otherwise."
    )]
    pub is_snapshot: bool,
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
    /// When the event can't be written as JSON, for example a map whose keys are not strings.
    pub fn new<E: EventType>(event: &E, cause: &Cause, time: DateTime<Utc>) -> serde_json::Result<Self> {
        Ok(Self {
            specversion: SpecVersion::V1,
            id: Uuid::now_v7(),
            source: source_of(E::AGGREGATE),
            kind: E::TYPE.to_owned(),
            subject: event.subject(),
            sequence: 0,
            previous: None,
            after: None,
            sequencetype: SequenceType::Integer,
            time,
            datacontenttype: DataContentType::Json,
            is_final: E::FINAL,
            is_snapshot: false,
            cause: cause.clone(),
            data: to_raw_value(event)?,
        })
    }

    /// The same event with its number among its subject's events.
    #[must_use]
    pub fn numbered(self, sequence: i64) -> Self {
        Self { sequence, ..self }
    }

    /// The same event, not to be taken before this one of another subject. Nothing else is ordered between subjects.
    #[must_use]
    pub fn after(self, earlier: After) -> Self {
        Self { after: Some(earlier), ..self }
    }

    /// The same event as the whole present state of its subject.
    #[must_use]
    pub fn as_snapshot(self) -> Self {
        Self { is_snapshot: true, ..self }
    }

    /// Whether this is an event of type `E`.
    #[must_use]
    pub fn is<E: EventType>(&self) -> bool {
        self.kind == E::TYPE
    }

    /// The event's data if it is of type `E`, or `None` for another type. Unknown fields are ignored.
    ///
    /// # Errors
    /// When the type is `E` and the data doesn't fit it.
    pub fn read<E: EventType>(&self) -> serde_json::Result<Option<E>> {
        if self.is::<E>() { E::from_json(self.data.get()).map(Some) } else { Ok(None) }
    }

    /// This event as one that another subject's event comes [after](Self::after).
    #[must_use]
    pub fn as_after(&self) -> After {
        After { source: self.source.clone(), subject: self.subject.clone(), sequence: self.sequence }
    }

    /// This event as the cause of what follows from it.
    #[must_use]
    pub fn as_cause(&self) -> Cause {
        Cause { causation_id: Some(self.id), ..self.cause.clone() }
    }
}

#[cfg(test)]
mod tests;
