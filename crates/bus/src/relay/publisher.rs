//! Publishes a window of messages and waits for the broker's confirms.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::{Duration, Instant};

use envelope::aggregate_of;
use lapin::options::BasicPublishOptions;
use lapin::{Channel, Connection};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::error::BusError;
use crate::health::Health;
use crate::message::packing::pack;
use crate::outbox_row::OutboxRow;
use crate::passive_declare::look_for_exchange;
use crate::relay::confirms::{Answers, Confirms};
use crate::relay::rows::Rows;
use crate::trace::{Sending, Traces};

const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Without an answer for this long, the relay is not healthy, whether or not one comes in the end. It is longer than the
/// patience with confirms: if the broker answers, there is more to say than this.
const SLOW: Duration = Duration::from_secs(7);

/// What became of a window.
#[derive(Default)]
pub(super) struct Published {
    pub answers: Answers,
    /// The broker has these, as it shows by answering a question behind them, but does not confirm them.
    pub unconfirmed: Confirms,
}

/// A channel to the broker, and what goes with each message.
pub(super) struct Publisher<'a> {
    pub connection: &'a Connection,
    pub channel: &'a Channel,
    pub health: &'a Health,
    pub traces: &'a Traces,
    /// The aggregates that have one event a message.
    pub unpacked: &'a BTreeSet<String>,
    pub timeout: Duration,
}

impl Publisher<'_> {
    /// Publishes a window and waits for its confirms: with `backoff`, if the broker answers questions meanwhile, and else
    /// up to the timeout. A broker that blocks its publishers (a memory or disk alarm) stops that clock: what was sent
    /// waits in the connection, and sending it again on another would only make more of it.
    pub async fn publish(
        &self,
        window: &[OutboxRow],
        backoff: Duration,
        rows: &mut Rows,
        stop: &CancellationToken,
    ) -> Result<Published, BusError> {
        let mut publishing = pin!(self.send_and_wait(window, backoff));
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

    /// The task is down for this reason.
    pub fn report(&self, error: &BusError) {
        if self.health.down(&error.to_string()) {
            warn!(%error, "events wait in the outbox");
        }
    }

    pub fn ensure_connected(&self) -> Result<(), BusError> {
        ensure_connected(self.channel)
    }

    async fn send_and_wait(&self, window: &[OutboxRow], backoff: Duration) -> Result<Published, BusError> {
        let mut published = Published { unconfirmed: self.send(window).await?, ..Published::default() };
        let Published { answers, unconfirmed } = &mut published;
        let mut question = pin!(self.ask(window, backoff));
        loop {
            tokio::select! {
                biased;
                collected = unconfirmed.collect(answers) => if !collected? {
                    break;
                },
                answered = &mut question => {
                    answered?;
                    unconfirmed.collect_ready(answers)?;
                    break;
                }
            }
        }
        Ok(published)
    }

    async fn send(&self, window: &[OutboxRow]) -> Result<Confirms, BusError> {
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let mut confirms = Confirms::default();
        for message in pack(window, self.unpacked) {
            let (exchange, key) = (message.exchange(), message.kind().into());
            let spans: Vec<Option<Sending>> =
                message.rows().iter().map(|row| self.traces.send(row, exchange)).collect();
            let traceparents: Vec<Option<&str>> =
                spans.iter().map(|span| span.as_ref().map(|span| span.traceparent.as_str())).collect();
            let (properties, body) = (message.properties(&traceparents), message.body());
            let publish = self.channel.basic_publish(exchange.into(), key, options, &body, properties);
            confirms.add(&message, publish.await?, spans.into_iter().flatten().collect());
        }
        Ok(confirms)
    }

    /// A channel works off what it is sent in its order: its answer shows that it has passed on all of the window.
    async fn ask(&self, window: &[OutboxRow], backoff: Duration) -> Result<(), BusError> {
        tokio::time::sleep(backoff).await;
        match window.first() {
            Some(row) => look_for_exchange(self.channel, &aggregate_of(&row.source)).await,
            None => Ok(()),
        }
    }
}

pub(super) fn ensure_connected(channel: &Channel) -> Result<(), BusError> {
    if channel.status().connected() { Ok(()) } else { Err(BusError::Disconnected) }
}
