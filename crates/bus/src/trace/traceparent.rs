//! Reads and writes version 00 of the [W3C trace context](https://www.w3.org/TR/trace-context/#traceparent-header).

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId};

/// `tracestate` is what tracing systems have added; one that is none is left out.
pub(super) fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<SpanContext> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version != "00" || trace.len() != 32 || span.len() != 16 || parts.next().is_some() {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        tracestate.and_then(|state| state.parse().ok()).unwrap_or_default(),
    );
    context.is_valid().then_some(context)
}

pub(super) fn write(context: &SpanContext) -> String {
    let (trace, span, flags) = (context.trace_id(), context.span_id(), context.trace_flags().to_u8());
    format!("00-{trace}-{span}-{flags:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_and_written() {
        let context = parse(TRACEPARENT, Some("rojo=1,congo=2")).unwrap();
        assert!(context.is_sampled() && context.is_remote());
        assert_eq!(write(&context), TRACEPARENT);
        assert_eq!(context.trace_state().header(), "rojo=1,congo=2");
        assert_eq!(parse(TRACEPARENT, Some("no state")).unwrap().trace_state().header(), "");
    }

    #[test]
    fn what_is_no_traceparent_begins_no_trace() {
        for nonsense in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert!(parse(nonsense, None).is_none(), "{nonsense}");
        }
    }
}
