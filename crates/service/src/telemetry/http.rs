use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics::histogram;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};

use super::metrics::REQUESTS;
use super::traces::{are_sent, tracer};

/// Measures and traces a service's requests.
#[derive(Clone)]
pub struct Watch {
    service: &'static str,
    tracer: SdkTracer,
}

impl Watch {
    pub fn new(service: &'static str) -> Self {
        Self { service, tracer: tracer(service) }
    }
}

/// Probes come every few seconds: their traces would hide the others.
const PROBES: [&str; 4] = ["/health/live", "/health/ready", "/health/delivery", "/metrics"];

/// Measures a request and records it as a span, after OpenTelemetry's conventions for HTTP servers. The request goes on
/// with that span as its `traceparent`, so that what follows from it joins the trace.
pub async fn watch(State(watch): State<Watch>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    let method = label(request.method());
    let is_probe = PROBES.iter().any(|probe| route.ends_with(probe));
    let span = if is_probe { None } else { watch.begin(method, &route, &mut request) };

    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status();
    let labels = [
        ("service", watch.service.to_owned()),
        ("method", method.to_owned()),
        ("route", route),
        ("status", status.as_str().to_owned()),
    ];
    histogram!(REQUESTS.name, &labels).record(began.elapsed());
    if let Some(mut span) = span {
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if status.is_server_error() {
            span.set_status(Status::error(""));
        }
        span.end();
    }
    response
}

impl Watch {
    /// Begins a span. Where no traces are sent, a request that belongs to a trace goes on as it came: who follows that trace
    /// would miss a span that nobody has, and its end if it were not sampled any more.
    fn begin(&self, method: &'static str, route: &str, request: &mut Request) -> Option<SdkSpan> {
        let propagator = TraceContextPropagator::new();
        let parent = propagator.extract_with_context(&Context::new(), &HeaderExtractor(request.headers()));
        if !are_sent() && parent.has_active_span() {
            log_trace(parent.span().span_context());
            return None;
        }
        let span = self
            .tracer
            .span_builder(format!("{method} {route}"))
            .with_kind(SpanKind::Server)
            .with_attributes([
                KeyValue::new("http.request.method", method),
                KeyValue::new("http.route", route.to_owned()),
                KeyValue::new("url.path", request.uri().path().to_owned()),
            ])
            .start_with_context(&self.tracer, &parent);
        let context = Context::new().with_remote_span_context(span.span_context().clone());
        propagator.inject_context(&context, &mut HeaderInjector(request.headers_mut()));
        log_trace(span.span_context());
        Some(span)
    }
}

/// Has the request's log lines name their trace.
fn log_trace(context: &SpanContext) {
    tracing::Span::current().record("trace_id", tracing::field::display(context.trace_id()));
}

/// Clients can invent methods: these share a label.
fn label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}
