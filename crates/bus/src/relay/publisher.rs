//! Publishes a window of messages and waits for the broker's confirms.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures::future::join_all;
use lapin::options::BasicPublishOptions;
use lapin::{Channel, Confirmation, Connection};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::error::BusError;
use crate::health::Health;
use crate::outgoing::Outgoing;
use crate::relay::rows::Rows;
use crate::trace::Traces;

const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Without a confirm for this long, the relay is not healthy, whether or not it comes in the end.
const SLOW: Duration = Duration::from_secs(5);

/// What became of a window.
pub(super) struct Published {
    /// The ids that the broker took.
    pub confirmed: Vec<i64>,
    /// What went wrong with another, if anything.
    pub problem: Option<BusError>,
}

/// A channel to the broker, and what goes with each message.
pub(super) struct Publisher<'a> {
    pub connection: &'a Connection,
    pub channel: &'a Channel,
    pub health: &'a Health,
    pub traces: &'a Traces,
    pub timeout: Duration,
}

impl Publisher<'_> {
    /// Publishes a window and waits for its confirms, up to the timeout. A broker that blocks its publishers (a memory
    /// or disk alarm) stops that clock: what was sent waits in the connection, and sending it again on another would
    /// only make more of it.
    pub async fn publish(
        &self,
        window: &[Outgoing],
        rows: &mut Rows,
        stop: &CancellationToken,
    ) -> Result<Published, BusError> {
        let mut publishing = pin!(self.send(window));
        let mut since = Instant::now();
        loop {
            tokio::select! {
                biased;
                published = &mut publishing => return published,
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
            rows.keep_lock().await?;
            if self.connection.status().blocked() {
                self.report(&BusError::Blocked);
                since = Instant::now();
                if stop.is_cancelled() {
                    return Err(BusError::Blocked);
                }
            }
            let waited = since.elapsed();
            if waited > self.timeout || (waited > SLOW && stop.is_cancelled()) {
                return Err(BusError::Unconfirmed);
            }
            if waited > SLOW {
                self.report(&BusError::Unconfirmed);
            }
        }
    }

    fn report(&self, error: &BusError) {
        if self.health.down(&error.to_string()) {
            warn!(%error, "events wait in the outbox");
        }
    }

    /// Only a plain ack is a confirmation: a message that came back as unroutable is acked as well, with the message
    /// attached.
    async fn send(&self, window: &[Outgoing]) -> Result<Published, BusError> {
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let mut confirms = Vec::with_capacity(window.len());
        let mut spans = Vec::with_capacity(window.len());
        for row in window {
            let (exchange, key) = (row.exchange(), row.kind.as_str().into());
            let span = self.traces.send(row, &exchange);
            let properties = row.properties(span.as_ref().map(|span| span.traceparent.as_str()));
            let publish = self.channel.basic_publish(exchange.into(), key, options, &row.body, properties);
            confirms.push(publish.await?);
            spans.push(span);
        }
        let mut published = Published { confirmed: Vec::with_capacity(window.len()), problem: None };
        for ((row, confirmation), span) in window.iter().zip(join_all(confirms).await).zip(spans) {
            let problem = match confirmation? {
                Confirmation::Ack(None) => None,
                Confirmation::Ack(Some(_)) => Some(BusError::Unroutable(row.kind.clone())),
                Confirmation::Nack(_) | Confirmation::NotRequested => {
                    Some(BusError::Refused(row.kind.clone()))
                }
            };
            if let Some(span) = span {
                span.end(problem.as_ref().map(ToString::to_string).as_deref());
            }
            match problem {
                None => published.confirmed.push(row.id),
                some => published.problem = some,
            }
        }
        Ok(published)
    }
}
