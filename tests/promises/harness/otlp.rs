use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;

/// Receives traces by OTLP over HTTP, and keeps them.
#[derive(Clone, Default)]
pub struct Receiver {
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A span and the service that made it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub service: String,
    pub span: Span,
}

impl Receiver {
    /// Returns its address as well.
    pub async fn start() -> (Self, String) {
        let receiver = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/traces", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    pub fn all(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn take(State(receiver): State<Receiver>, body: Bytes) -> Vec<u8> {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    for spans in request.resource_spans {
        let resource = spans.resource.unwrap_or_default();
        let service = resource.attributes.iter().find(|attribute| attribute.key == "service.name");
        let service = service.and_then(|service| service.value.clone()?.value);
        let Some(Value::StringValue(service)) = service else {
            panic!("a resource without a service's name")
        };
        let spans = spans.scope_spans.into_iter().flat_map(|scope| scope.spans);
        let seen = spans.map(|span| Seen { service: service.clone(), span });
        receiver.seen.lock().unwrap().extend(seen);
    }
    Vec::new()
}

impl Seen {
    /// Its attributes, as text.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        let text = |value: Option<Value>| match value {
            Some(Value::StringValue(text)) => text,
            Some(Value::IntValue(number)) => number.to_string(),
            other => format!("{other:?}"),
        };
        let attributes = self.span.attributes.iter().cloned();
        attributes
            .map(|attribute| (attribute.key, text(attribute.value.and_then(|value| value.value))))
            .collect()
    }
}
