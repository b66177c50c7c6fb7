//! Traces by [OpenTelemetry](https://opentelemetry.io). Each service has a tracer of its own, also where several share
//! a process, so that a trace shows which service did what.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use endpoint::HttpUrl;

use opentelemetry::Context;
pub use opentelemetry::KeyValue;
use opentelemetry::global::BoxedTracer;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanKind, Status, Tracer, TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tracing::warn;

const SCOPE: &str = "cartwheel";

/// For a batch of spans.
const TIMEOUT: Duration = Duration::from_secs(10);

static ENDPOINT: OnceLock<Option<HttpUrl>> = OnceLock::new();
static PROVIDERS: Mutex<BTreeMap<&'static str, SdkTracerProvider>> = Mutex::new(BTreeMap::new());

pub(super) fn send_to(endpoint: Option<HttpUrl>) {
    let _ = ENDPOINT.set(endpoint);
}

/// Whether traces are sent anywhere.
pub(super) fn are_sent() -> bool {
    ENDPOINT.get().is_some_and(Option::is_some)
}

pub(super) fn end() {
    for (service, provider) in std::mem::take(&mut *PROVIDERS.lock().unwrap_or_else(PoisonError::into_inner))
    {
        if let Err(error) = provider.shutdown() {
            warn!(service, %error, "the last traces could not be sent");
        }
    }
}

/// The tracer of a service. Where traces go nowhere it still gives ids, which events and log lines carry.
pub(crate) fn tracer(service: &'static str) -> SdkTracer {
    let mut providers = PROVIDERS.lock().unwrap_or_else(PoisonError::into_inner);
    providers.entry(service).or_insert_with(|| provider(service)).tracer(SCOPE)
}

/// The tracer that the bus uses; none where its spans would go nowhere.
pub(crate) fn tracer_of_bus(service: &'static str) -> Option<BoxedTracer> {
    are_sent().then(|| BoxedTracer::new(Box::new(tracer(service))))
}

fn provider(service: &'static str) -> SdkTracerProvider {
    let builder = SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name(format!("cartwheel-{service}")).build());
    let Some(endpoint) = ENDPOINT.get().and_then(Option::as_ref) else {
        return builder.with_sampler(Sampler::AlwaysOff).build();
    };
    match exporter(endpoint) {
        Ok(exporter) => builder.with_batch_exporter(exporter).build(),
        Err(error) => {
            warn!(error = format!("{error:#}"), "traces can't be sent");
            builder.with_sampler(Sampler::AlwaysOff).build()
        }
    }
}

fn exporter(endpoint: &HttpUrl) -> anyhow::Result<SpanExporter> {
    // It blocks, as the exporter wants it, and so must not be made by a task.
    let client = std::thread::spawn(|| endpoint::blocking_client(TIMEOUT)).join();
    let client = client.map_err(|_| anyhow::anyhow!("the HTTP client can't be made"))??;
    let url = format!("{}/v1/traces", endpoint.expose());
    let exporter = SpanExporter::builder().with_http().with_http_client(client).with_endpoint(url);
    exporter.build().context("the exporter can't be made")
}

/// Makes spans of a service's calls to the outside.
#[derive(Clone)]
pub struct Spans(SdkTracer);

/// The span of one such call.
pub struct ClientSpan(opentelemetry_sdk::trace::Span);

impl Spans {
    pub(crate) fn new(service: &'static str) -> Self {
        Self(tracer(service))
    }

    /// Starts one, in the trace that the cause belongs to.
    #[must_use]
    pub fn begin(
        &self,
        name: &'static str,
        traceparent: Option<&str>,
        attributes: Vec<KeyValue>,
    ) -> ClientSpan {
        let carrier: std::collections::HashMap<String, String> =
            traceparent.map(|value| ("traceparent".to_owned(), value.to_owned())).into_iter().collect();
        let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
        let span = self.0.span_builder(name).with_kind(SpanKind::Client).with_attributes(attributes);
        ClientSpan(span.start_with_context(&self.0, &parent))
    }
}

impl ClientSpan {
    /// Ends it; `problem` says why the call failed.
    pub fn end(mut self, problem: Option<String>) {
        if let Some(problem) = problem {
            self.0.set_status(Status::error(problem));
        }
        self.0.end();
    }
}
