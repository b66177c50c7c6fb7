use chrono::{DateTime, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Envelope;
use crate::after::After;
use crate::attributes::{DataContentType, SequenceType, SpecVersion, optional_sequence, sequence};
use crate::cause::Cause;

/// An envelope's fields side by side, as they are on the wire: serde keeps a copy of every field that it doesn't know yet
/// to find those of a flattened struct, which costs more than all the rest of the reading.
#[derive(Deserialize)]
struct Wire {
    specversion: SpecVersion,
    id: Uuid,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    #[serde(with = "sequence")]
    sequence: i64,
    #[serde(with = "optional_sequence", default)]
    previous: Option<i64>,
    #[serde(default)]
    aftersource: Option<String>,
    #[serde(default)]
    aftersubject: Option<String>,
    #[serde(with = "optional_sequence", default)]
    aftersequence: Option<i64>,
    sequencetype: SequenceType,
    time: DateTime<Utc>,
    datacontenttype: DataContentType,
    #[serde(rename = "final", default)]
    is_final: bool,
    #[serde(rename = "snapshot", default)]
    is_snapshot: bool,
    #[serde(default)]
    correlationid: String,
    #[serde(default)]
    causationid: Option<Uuid>,
    #[serde(default)]
    traceparent: Option<String>,
    #[serde(default)]
    tracestate: Option<String>,
    data: Box<RawValue>,
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let after = match (wire.aftersource, wire.aftersubject, wire.aftersequence) {
            (None, None, None) => None,
            (Some(source), Some(subject), Some(sequence)) => Some(After { source, subject, sequence }),
            _ => {
                return Err(D::Error::custom(
                    "of aftersource, aftersubject and aftersequence some are missing",
                ));
            }
        };
        Ok(Self {
            specversion: wire.specversion,
            id: wire.id,
            source: wire.source,
            kind: wire.kind,
            subject: wire.subject,
            sequence: wire.sequence,
            previous: wire.previous,
            after,
            sequencetype: wire.sequencetype,
            time: wire.time,
            datacontenttype: wire.datacontenttype,
            is_final: wire.is_final,
            is_snapshot: wire.is_snapshot,
            cause: Cause {
                correlation_id: wire.correlationid,
                causation_id: wire.causationid,
                traceparent: wire.traceparent,
                tracestate: wire.tracestate,
            },
            data: wire.data,
        })
    }
}
