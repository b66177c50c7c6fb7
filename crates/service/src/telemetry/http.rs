use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics::histogram;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracer;

use super::metrics::REQUESTS;
use super::traces::tracer;

/// Who watches a service's requests.
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

/// Measures a request and makes it a span, after OpenTelemetry's conventions for HTTP servers. The request goes on
/// with that span as its `traceparent`, so that what follows from it belongs to it.
pub async fn watch(State(watch): State<Watch>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    let method = label(request.method());
    let propagator = TraceContextPropagator::new();
    let parent = propagator.extract_with_context(&Context::new(), &HeaderExtractor(request.headers()));
    let mut span = watch
        .tracer
        .span_builder(format!("{method} {route}"))
        .with_kind(SpanKind::Server)
        .with_attributes([
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.route", route.clone()),
            KeyValue::new("url.path", request.uri().path().to_owned()),
        ])
        .start_with_context(&watch.tracer, &parent);
    let context = Context::new().with_remote_span_context(span.span_context().clone());
    propagator.inject_context(&context, &mut HeaderInjector(request.headers_mut()));
    tracing::Span::current().record("trace_id", tracing::field::display(span.span_context().trace_id()));

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
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    span.end();
    response
}

/// Clients can make up methods.
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
