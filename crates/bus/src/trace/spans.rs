//! A producer span for each event that is sent, in the trace that the event carries; a consumer span for each that is
//! processed, a child of the producer's; and one for the batch, which links to them. What follows from an event belongs
//! to the span that processes it.

use std::sync::Arc;

use envelope::Envelope;
use opentelemetry::global::{BoxedSpan, BoxedTracer};
use opentelemetry::trace::{Link, Span, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use crate::incoming::Incoming;
use crate::outbox_row::OutboxRow;
use crate::trace::traceparent::{parse, write};

/// Makes the spans of one service; none without a tracer.
#[derive(Clone)]
pub(crate) struct Traces {
    tracer: Option<Arc<BoxedTracer>>,
    service: String,
}

/// The span of an event that is on its way to the broker.
pub(crate) struct Sending {
    span: BoxedSpan,
    /// What the message carries, so that consumers know which span sent it.
    pub traceparent: String,
}

/// The spans of events that the handler is processing.
pub(crate) struct Processing {
    batch: BoxedSpan,
    each: Vec<BoxedSpan>,
    /// The events, each with its own span as the cause of what follows.
    pub events: Vec<Envelope>,
}

impl Traces {
    pub fn none(service: &str) -> Self {
        Self { tracer: None, service: service.to_owned() }
    }

    pub fn new(tracer: BoxedTracer, service: &str) -> Self {
        Self { tracer: Some(Arc::new(tracer)), service: service.to_owned() }
    }

    pub fn send(&self, row: &OutboxRow, exchange: &str) -> Option<Sending> {
        let tracer = self.tracer.as_deref()?;
        let parent = Traced::of(&row.body)?;
        let parent = parse(&parent.traceparent, parent.tracestate.as_deref())?;
        let span = tracer.build_with_context(
            SpanBuilder::from_name(format!("send {exchange}")).with_kind(SpanKind::Producer).with_attributes(
                messaging("send", exchange).into_iter().chain(about(
                    &row.event_id.to_string(),
                    &row.kind,
                    &row.subject,
                    row.sequence,
                )),
            ),
            &within(parent),
        );
        let traceparent = write(span.span_context());
        Some(Sending { span, traceparent })
    }

    pub fn process(&self, events: &[&Incoming], envelopes: &[&Envelope]) -> Option<Processing> {
        let tracer = self.tracer.as_deref()?;
        let sent = events.iter().zip(envelopes).map(|(event, envelope)| {
            let sender = event.traceparent.as_deref().or(envelope.cause.traceparent.as_deref())?;
            parse(sender, envelope.cause.tracestate.as_deref())
        });
        let sent: Vec<Option<SpanContext>> = sent.collect();
        let links = sent.iter().flatten().cloned().map(Link::with_context).collect();
        let number = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let batch = self.processing(links, [KeyValue::new("messaging.batch.message_count", number)]);
        // A trace of its own: it belongs to no event more than to another.
        let batch = tracer.build_with_context(batch, &Context::new());
        let mut processing = Processing { batch, each: Vec::new(), events: Vec::with_capacity(events.len()) };
        for (envelope, sent) in envelopes.iter().zip(sent) {
            let mut envelope = (*envelope).clone();
            if let Some(sent) = sent {
                let Envelope { id, kind, subject, sequence, .. } = &envelope;
                let links = vec![Link::with_context(processing.batch.span_context().clone())];
                let span = self.processing(links, about(&id.to_string(), kind, subject, *sequence));
                let span = tracer.build_with_context(span, &within(sent));
                envelope.cause.traceparent = Some(write(span.span_context()));
                processing.each.push(span);
            }
            processing.events.push(envelope);
        }
        Some(processing)
    }

    fn processing<const N: usize>(&self, links: Vec<Link>, more: [KeyValue; N]) -> SpanBuilder {
        SpanBuilder::from_name(format!("process {}", self.service))
            .with_kind(SpanKind::Consumer)
            .with_links(links)
            .with_attributes(messaging("process", &self.service).into_iter().chain(more))
    }
}

impl Sending {
    /// `problem` when the broker did not take it.
    pub fn end(mut self, problem: Option<&str>) {
        if let Some(problem) = problem {
            self.span.set_status(Status::error(problem.to_owned()));
        }
        self.span.end();
    }
}

impl Processing {
    /// `problem` when the handler did not take them.
    pub fn end(self, problem: Option<&str>) {
        for mut span in self.each.into_iter().chain([self.batch]) {
            if let Some(problem) = problem {
                span.set_status(Status::error(problem.to_owned()));
            }
            span.end();
        }
    }
}

/// The part of an envelope that names its trace.
#[derive(serde::Deserialize)]
struct Traced {
    traceparent: String,
    tracestate: Option<String>,
}

impl Traced {
    /// None where the event belongs to no trace.
    fn of(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

fn messaging(operation: &'static str, destination: &str) -> [KeyValue; 4] {
    [
        KeyValue::new("messaging.system", "rabbitmq"),
        KeyValue::new("messaging.operation.type", operation),
        KeyValue::new("messaging.operation.name", operation),
        KeyValue::new("messaging.destination.name", destination.to_owned()),
    ]
}

fn about(id: &str, kind: &str, subject: &str, sequence: i64) -> [KeyValue; 4] {
    [
        KeyValue::new("messaging.message.id", id.to_owned()),
        KeyValue::new("messaging.rabbitmq.destination.routing_key", kind.to_owned()),
        KeyValue::new("cloudevents.event_subject", subject.to_owned()),
        KeyValue::new("cloudevents.event_sequence", sequence),
    ]
}

fn within(parent: SpanContext) -> Context {
    Context::new().with_remote_span_context(parent)
}
