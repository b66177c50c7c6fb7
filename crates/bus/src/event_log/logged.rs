//! An event as the log keeps it.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use envelope::{Envelope, aggregate_of};
use lapin::message::Delivery;

use crate::incoming::Incoming;
use crate::invalid_event::InvalidEvent;
use crate::known_sources::KnownSources;
use crate::message::reading;
use crate::topology::marker::Marker;

/// The header that names the message's place in the log.
pub(super) const OFFSET: &str = "x-stream-offset";

/// An event as the log keeps it, or a message that is none.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The message's place in the log. Offsets grow, from 0, one by one.
    pub offset: i64,
    /// The event's place in the message, from 0.
    pub index: usize,
    /// The exchange that it was published to.
    pub exchange: String,
    /// The event, unless not even its headers identify one that can be taken.
    pub(crate) incoming: Result<Incoming, InvalidEvent>,
    /// The log's own first message, which says when the log begins.
    pub(super) marker: Option<Marker>,
    /// Whether nothing follows it in its message.
    is_last: bool,
    routing_key: String,
    /// Kept here only if there is no event that has it.
    body: Vec<u8>,
}

/// The message's place in the log.
pub(super) fn offset_of(delivery: &Delivery) -> i64 {
    let headers = delivery.properties.headers().as_ref();
    headers.and_then(|headers| headers.inner().get(OFFSET)?.as_long_long_int()).unwrap_or_default()
}

impl Logged {
    /// What the message holds, in its order; at least one.
    pub(super) fn of(delivery: Delivery) -> VecDeque<Self> {
        let logged = Self {
            offset: offset_of(&delivery),
            index: 0,
            exchange: delivery.exchange.to_string(),
            incoming: Err(InvalidEvent::NoHeaders),
            marker: Marker::from_delivery(&delivery),
            is_last: true,
            routing_key: delivery.routing_key.to_string(),
            body: Vec::new(),
        };
        match reading::read(&delivery) {
            Ok(events) => {
                let last = events.len().saturating_sub(1);
                let each = events.into_iter().enumerate();
                each.map(|(index, event)| Self {
                    index,
                    is_last: index == last,
                    incoming: Ok(event),
                    ..logged.clone()
                })
                .collect()
            }
            Err(reason) => VecDeque::from([Self { incoming: Err(reason), body: delivery.data, ..logged }]),
        }
    }

    /// Whether the log has been read up to the end of the message with this offset.
    #[must_use]
    pub fn completes(&self, offset: i64) -> bool {
        self.offset > offset || (self.offset == offset && self.is_last)
    }

    /// The offset from which reading can continue: its own, as long as its message has more events.
    #[must_use]
    pub(crate) fn next_offset(&self) -> i64 {
        if self.is_last { self.offset + 1 } else { self.offset }
    }

    /// Whether it is the marker that `topology` put into the new log, rather than an event.
    pub(crate) fn is_marker(&self) -> bool {
        self.marker.is_some()
    }

    /// The same message with the event's present source; not an event if it came by another exchange.
    pub(super) fn checked(mut self, sources: &KnownSources) -> Self {
        self.incoming = self.incoming.and_then(|event| {
            let event = sources.admit(event);
            event.check_exchange(&self.exchange)?;
            Ok(event)
        });
        self
    }

    /// Whether it was published to one of these exchanges, or to what one of them was called in a former release.
    pub(crate) fn is_of(&self, exchanges: &[String]) -> bool {
        let aggregate = self.source().map(aggregate_of);
        exchanges.contains(&self.exchange)
            || aggregate.is_some_and(|aggregate| exchanges.contains(&aggregate))
    }

    /// When it happened, if that can be read.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        let marked = self.marker.as_ref().map(|marker| marker.time);
        marked.or_else(|| self.event().ok().map(|event| event.time))
    }

    /// The event.
    ///
    /// # Errors
    /// Why the message is not one.
    pub fn event(&self) -> Result<&Envelope, String> {
        match &self.incoming {
            Ok(incoming) => incoming.envelope.as_ref().map_err(Clone::clone),
            Err(reason) => Err(format!("not an event: {reason}")),
        }
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.incoming.as_ref().map_or(&self.routing_key, |incoming| &incoming.kind)
    }

    /// The event's id, where the message has one.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.incoming.as_ref().ok()?.event_id.as_deref()
    }

    /// Who published it, where the message says so.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        Some(&self.incoming.as_ref().ok()?.key.source)
    }

    /// What it is about, where the message says so.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        Some(&self.incoming.as_ref().ok()?.key.subject)
    }

    /// Its number among the source's events of the subject, where the message has one.
    #[must_use]
    pub fn sequence(&self) -> Option<i64> {
        Some(self.incoming.as_ref().ok()?.key.sequence)
    }

    /// The message as it was published.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.incoming.as_ref().map_or(&self.body, |incoming| &incoming.body)
    }
}
