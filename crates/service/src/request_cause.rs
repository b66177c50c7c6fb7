use std::str::FromStr;

use axum::http::HeaderMap;
use envelope::Cause;
use uuid::Uuid;

crate::texts! {
    /// Names what a request started, through all services.
    RequestId: "an x-request-id", 1..=100, "printable ASCII", "^[ -~]*$",
        for example "3f0e8a52-7c41-4f0b-9d3a-5a1c2b7e9f10";

    /// Version 00 of the W3C trace context.
    TraceParent: "a traceparent", 55..=55, "version 00 of the W3C trace context",
        "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
        for example "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    /// What tracing systems add to a traceparent.
    TraceState: "a tracestate", 1..=512, "printable ASCII", "^[ -~]*$",
        for example "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";
}

/// A request as the cause of what follows from it: events carry its id and its trace. They help to find things and change
/// nothing, so those that don't fit are left out instead of refused.
#[must_use]
pub fn request_cause(headers: &HeaderMap) -> Cause {
    let id = fitting::<RequestId>(headers, "x-request-id");
    let started = Cause::started_by(id.map_or_else(|| Uuid::new_v4().to_string(), String::from));
    let traceparent = fitting::<TraceParent>(headers, "traceparent").map(String::from);
    // Without its traceparent it means nothing.
    let tracestate = traceparent.as_ref().and_then(|_| fitting::<TraceState>(headers, "tracestate"));
    Cause { traceparent, tracestate: tracestate.map(String::from), ..started }
}

fn fitting<T: FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(id: &str, trace: &str, state: &str) -> Cause {
        let headers = [("x-request-id", id), ("traceparent", trace), ("tracestate", state)];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        request_cause(&HeaderMap::from_iter(headers))
    }

    #[test]
    fn what_fits_travels_on_and_what_does_not_is_left_out() {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let good = cause("checkout 17", trace, "rojo=1");
        assert_eq!((good.correlation_id.as_str(), good.traceparent.as_deref()), ("checkout 17", Some(trace)));
        assert_eq!(good.tracestate.as_deref(), Some("rojo=1"));
        let bad = cause(&"x".repeat(101), &trace.replace("4bf9", "4BF9"), "rojo=1");
        assert_eq!((bad.correlation_id.len(), bad.traceparent, bad.tracestate), (36, None, None));
        assert_eq!(cause("checkout 17", trace, "").tracestate, None);
    }
}
