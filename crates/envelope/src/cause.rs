use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why an event happened: what started it all, what caused it directly, and the trace that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// What started it all, for example a request's id; the same for everything that follows from it.
    #[serde(rename = "correlationid", default)]
    pub correlation_id: String,
    /// The event that caused this one; none if a request did.
    #[serde(rename = "causationid", default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<Uuid>,
    /// The W3C trace context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What tracing systems added to the trace context (W3C), passed on unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
}

impl Cause {
    /// The cause of an event that a request or a person started.
    #[must_use]
    pub fn started_by(correlation_id: impl Into<String>) -> Self {
        Self { correlation_id: correlation_id.into(), ..Self::default() }
    }
}
