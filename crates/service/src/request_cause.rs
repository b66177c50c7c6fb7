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
}

/// A request as the cause of what follows from it: events carry its id and its trace. They help to find things and change
/// nothing, so those that don't fit are left out instead of refused.
#[must_use]
pub fn request_cause(headers: &HeaderMap) -> Cause {
    let id = fitting::<RequestId>(headers, "x-request-id");
    let started = Cause::started_by(id.map_or_else(|| Uuid::new_v4().to_string(), String::from));
    Cause { traceparent: fitting::<TraceParent>(headers, "traceparent").map(String::from), ..started }
}

fn fitting<T: FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(id: &str, trace: &str) -> Cause {
        let header = |name: &str, value: &str| (name.parse().unwrap(), value.parse().unwrap());
        request_cause(&HeaderMap::from_iter([header("x-request-id", id), header("traceparent", trace)]))
    }

    #[test]
    fn what_fits_travels_on_and_what_does_not_is_left_out() {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let good = cause("checkout 17", trace);
        assert_eq!((good.correlation_id.as_str(), good.traceparent.as_deref()), ("checkout 17", Some(trace)));
        let bad = cause(&"x".repeat(101), &trace.replace("4bf9", "4BF9"));
        assert_eq!((bad.correlation_id.len(), bad.traceparent), (36, None));
    }
}
