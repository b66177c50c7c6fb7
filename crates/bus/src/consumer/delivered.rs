//! What the queue delivers: fresh events, crash suspects, markers, and what is no event at all.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::stream::Fuse;
use futures::{FutureExt, Stream, StreamExt};
use lapin::message::Delivery;
use lapin::options::BasicRejectOptions;
use tracing::error;

use crate::consumer::acks::Acks;
use crate::error::BusError;
use crate::event_key::EventKey;
use crate::event_log::replay::ReplayMode;
use crate::incoming::Incoming;
use crate::known_sources::KnownSources;
use crate::message::accepting::accept;
use crate::message::reading;
use crate::topology::marker::Marker;

/// A deploy or a broker's restart brings an event back once; twice may be more than that.
const SUSPECT_DELIVERIES: i64 = 2;
/// How long an event waits in memory for its predecessor (in a hand-over between instances, it is on its way).
const WAITING_TIMEOUT: Duration = Duration::from_millis(500);

/// What has come from the queue.
#[derive(Default)]
pub(super) struct Delivered {
    pub fresh: Vec<Pending>,
    /// Those that may be what crashed their consumers.
    pub suspects: Vec<Pending>,
    pub markers: Vec<(u64, Marker, ReplayMode)>,
}

/// An event of a delivery that is not acknowledged yet.
pub(super) struct Pending {
    pub tag: u64,
    pub incoming: Incoming,
    since: Instant,
}

/// The events, in the form in which batch processing takes them.
pub(super) fn events_of(pending: &[Pending]) -> Vec<&Incoming> {
    pending.iter().map(|pending| &pending.incoming).collect()
}

/// The next deliveries: whatever is there, but no more once they have this many events. Fails when no more will come; fused,
/// because a consumer reports that only once.
pub(super) async fn next_deliveries(
    consumer: &mut Fuse<impl Stream<Item = Result<Delivery, lapin::Error>> + Unpin>,
    events: usize,
) -> Result<Vec<Delivery>, BusError> {
    let first = consumer.next().await.ok_or(BusError::Unsubscribed)??;
    let mut number = reading::events_in(&first);
    let mut deliveries = vec![first];
    // Nothing is awaited from here on: what was received can't be dropped.
    while number < events
        && let Some(Some(delivery)) = consumer.next().now_or_never()
    {
        let delivery = delivery?;
        number += reading::events_in(&delivery);
        deliveries.push(delivery);
    }
    Ok(deliveries)
}

/// Sorts what was delivered. A message that doesn't even say which event it is, or that could not be parked either, was
/// not sent by a relay: it becomes a dead letter.
pub(super) async fn sort(
    deliveries: Vec<Delivery>,
    acks: &mut Acks,
    sources: &KnownSources,
) -> Result<Delivered, BusError> {
    let mut delivered = Delivered::default();
    for delivery in deliveries {
        let tag = delivery.delivery_tag;
        if let Some(marker) = Marker::from_delivery(&delivery) {
            acks.delivered(tag, 1);
            let mode = if is_suspect(&delivery) { ReplayMode::EachAlone } else { ReplayMode::Batches };
            delivered.markers.push((tag, marker, mode));
            continue;
        }
        match accept(&delivery, delivery.exchange.as_str(), sources) {
            Ok(events) => {
                acks.delivered(tag, events.len());
                let since = Instant::now();
                let pending = events.into_iter().map(|incoming| Pending { tag, incoming, since });
                if is_suspect(&delivery) {
                    delivered.suspects.extend(pending);
                } else {
                    delivered.fresh.extend(pending);
                }
            }
            Err(reason) => {
                error!(exchange = ?delivery.exchange, routing_key = ?delivery.routing_key, %reason,
                       "a message that can't be taken: a dead letter");
                delivery.acker.reject(BasicRejectOptions { requeue: false }).await?;
            }
        }
    }
    Ok(delivered)
}

/// Whether it came back so often that it may be what crashes its consumers, see
/// [`crash_suspects`](crate::consumer::crash_suspects).
fn is_suspect(delivery: &Delivery) -> bool {
    let headers = delivery.properties.headers().as_ref();
    let count = headers.and_then(|headers| headers.inner().get("x-delivery-count")?.as_long_long_int());
    count.is_some_and(|count| count >= SUSPECT_DELIVERIES)
}

/// What becomes of a batch of which some events are ahead.
#[derive(Default)]
pub(super) struct SplitByWait {
    pub done: Vec<Pending>,
    /// They have waited long enough.
    pub overdue: Vec<Pending>,
    pub waiting: Vec<Pending>,
}

/// Splits a batch by whether its events are ahead, and for how long.
pub(super) fn split_by_wait(batch: Vec<Pending>, ahead: &BTreeSet<EventKey>) -> SplitByWait {
    let mut split = SplitByWait::default();
    for pending in batch {
        if !ahead.contains(&pending.incoming.key) {
            split.done.push(pending);
        } else if pending.since.elapsed() > WAITING_TIMEOUT {
            split.overdue.push(pending);
        } else {
            split.waiting.push(pending);
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures::stream;

    use super::*;

    fn delivery() -> Delivery {
        Delivery::mock(1, "orders.orders".into(), "orders.order-placed.v1".into(), false, vec![])
    }

    #[tokio::test]
    async fn the_end_is_noticed_also_right_behind_deliveries() {
        // As a consumer does it: the end is reported once.
        let mut polls = vec![None, Some(Ok(delivery())), Some(Ok(delivery()))];
        let consumer = stream::poll_fn(move |_| polls.pop().map_or(Poll::Pending, Poll::Ready));
        let mut consumer = consumer.fuse();
        assert_eq!(next_deliveries(&mut consumer, 256).await.unwrap().len(), 2);
        let ended = tokio::time::timeout(Duration::from_secs(5), next_deliveries(&mut consumer, 256)).await;
        assert!(matches!(ended, Ok(Err(BusError::Unsubscribed))));
    }

    #[tokio::test]
    async fn no_more_is_taken_than_asked_for() {
        let mut consumer = stream::repeat_with(|| Ok(delivery())).fuse();
        assert_eq!(next_deliveries(&mut consumer, 10).await.unwrap().len(), 10);
    }
}
