//! Runs a service's handler in a transaction of the caller, and reports what it took.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use envelope::Envelope;
use futures::FutureExt;
use sqlx::{PgConnection, PgPool};
use tokio::sync::Mutex;
use tracing::error;

use crate::event_key::EventKey;
use crate::failure::Failure;
use crate::inbox::handler::Handler;
use crate::incoming::Incoming;
use crate::observer::Observer;
use crate::outbox::Outbox;
use crate::trace::{Traces, trace_id};
use crate::transaction::must_be_sound;

/// A handler with the database that its effects go to, and those who are notified of them.
pub(crate) struct HandlerRunner<H> {
    pub pool: PgPool,
    pub handler: Arc<H>,
    pub outbox: Outbox,
    pub observer: Arc<dyn Observer>,
    pub traces: Traces,
    /// Held by whoever tries a parked event.
    pub alone: Arc<Mutex<()>>,
}

impl<H: Handler> HandlerRunner<H> {
    /// The same, with other connections.
    pub fn on(&self, pool: PgPool) -> Self {
        Self {
            pool,
            handler: Arc::clone(&self.handler),
            outbox: self.outbox.clone(),
            observer: Arc::clone(&self.observer),
            traces: self.traces.clone(),
            alone: Arc::clone(&self.alone),
        }
    }

    /// Runs the handler in a transaction in which something was written. A panic counts as the events' fault until the opposite shows: it must not end the consumer.
    pub async fn run(&self, events: &[&Incoming], connection: &mut PgConnection) -> Result<(), Failure> {
        let mut envelopes = Vec::with_capacity(events.len());
        for event in events {
            envelopes.push(event.envelope.as_ref().map_err(|reason| Failure::permanent(reason.as_str()))?);
        }
        if envelopes.is_empty() {
            return Ok(());
        }
        let processing = self.traces.process(events, &envelopes);
        if let Some(processing) = &processing {
            envelopes = processing.events.iter().collect();
        }
        let handled =
            AssertUnwindSafe(self.handler.handle(&envelopes, &mut *connection)).catch_unwind().await;
        let mut handled = handled.unwrap_or_else(|_| Err(Failure::permanent("the handler panicked")));
        if handled.is_ok() {
            handled = must_be_sound(connection).await;
        }
        if let Some(processing) = processing {
            processing.end(handled.as_ref().err().map(ToString::to_string).as_deref());
        }
        handled
    }

    /// These events were taken and committed.
    pub fn report_taken(&self, events: &[&Incoming]) {
        let envelopes: Vec<&Envelope> =
            events.iter().filter_map(|event| event.envelope.as_ref().ok()).collect();
        self.observer.taken(&envelopes);
    }

    /// The handler failed at an event, which is parked or stays so. The log gets nothing of what the event holds.
    pub fn report_failed(&self, event: &Incoming, reason: &str) {
        let EventKey { source, subject, sequence } = &event.key;
        let cause = event.envelope.as_ref().ok().and_then(|envelope| envelope.cause.traceparent.as_deref());
        error!(%source, %subject, sequence, kind = %event.kind, trace_id = trace_id(cause), reason,
               "an event can't be handled: parked");
        self.observer.failed(&event.kind);
    }
}
