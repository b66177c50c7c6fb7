//! Spans of what relay and consumer do, by OpenTelemetry's conventions for messaging; none without the feature
//! `opentelemetry`.

#[cfg(not(feature = "opentelemetry"))]
mod none;
#[cfg(feature = "opentelemetry")]
mod spans;
#[cfg(feature = "opentelemetry")]
mod traceparent;

#[cfg(not(feature = "opentelemetry"))]
pub(crate) use none::{Sending, Traces};
#[cfg(feature = "opentelemetry")]
pub(crate) use spans::{Sending, Traces};

/// The trace that an event belongs to, for logs.
pub(crate) fn trace_id(traceparent: Option<&str>) -> &str {
    traceparent.and_then(|traceparent| traceparent.split('-').nth(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_trace_id_is_the_second_field() {
        let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(super::trace_id(Some(traceparent)), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(super::trace_id(None), "");
    }
}
