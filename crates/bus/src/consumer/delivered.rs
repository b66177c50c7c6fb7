//! What the queue delivers: fresh events, crash suspects, markers, and what is no event at all.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use lapin::message::Delivery;
use lapin::options::BasicRejectOptions;
use tracing::error;

use crate::consumer::acks::Acks;
use crate::error::BusError;
use crate::event_log::replay::ReplayMode;
use crate::former_source::FormerSources;
use crate::incoming::Incoming;
use crate::place::Place;
use crate::topology::marker::Marker;
use crate::unacceptable::Unacceptable;

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

/// A delivery that is not acknowledged yet.
pub(super) struct Pending {
    pub tag: u64,
    pub incoming: Incoming,
    since: Instant,
}

/// Sorts what was delivered. A message that doesn't even say which event it is, or that could not be parked either, was
/// not sent by a relay: it becomes a dead letter.
pub(super) async fn sort(
    chunk: Vec<Result<Delivery, lapin::Error>>,
    acks: &mut Acks,
    former_sources: &FormerSources,
) -> Result<Delivered, BusError> {
    let mut delivered = Delivered::default();
    for delivery in chunk {
        let delivery = delivery?;
        let tag = delivery.delivery_tag;
        if let Some(marker) = Marker::from_delivery(&delivery) {
            acks.delivered(&delivery);
            let mode = if is_suspect(&delivery) { ReplayMode::EachAlone } else { ReplayMode::Batches };
            delivered.markers.push((tag, marker, mode));
            continue;
        }
        match accept(&delivery, former_sources) {
            Ok(incoming) => {
                acks.delivered(&delivery);
                let pending = Pending { tag, incoming, since: Instant::now() };
                if is_suspect(&delivery) {
                    delivered.suspects.push(pending);
                } else {
                    delivered.fresh.push(pending);
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

fn accept(delivery: &Delivery, former_sources: &FormerSources) -> Result<Incoming, Unacceptable> {
    let incoming = former_sources.rename(Incoming::from_delivery(delivery)?);
    incoming.check_exchange(delivery.exchange.as_str())?;
    Ok(incoming)
}

/// Whether it came back so often that it may be what crashes its consumers, see
/// [`crash_suspects`](crate::consumer::crash_suspects).
fn is_suspect(delivery: &Delivery) -> bool {
    let headers = delivery.properties.headers().as_ref();
    let count = headers.and_then(|headers| headers.inner().get("x-delivery-count")?.as_long_long_int());
    count.is_some_and(|count| count >= SUSPECT_DELIVERIES)
}

/// Of the events that are ahead: those that have waited long enough, and the tags of the others.
pub(super) fn split_by_wait<'a>(
    batch: &'a [Pending],
    ahead: &BTreeSet<Place>,
) -> (Vec<&'a Incoming>, BTreeSet<u64>) {
    let mut overdue = Vec::new();
    let mut waiting = BTreeSet::new();
    for pending in batch.iter().filter(|pending| ahead.contains(&pending.incoming.place)) {
        if pending.since.elapsed() > WAITING_TIMEOUT {
            overdue.push(&pending.incoming);
        } else {
            waiting.insert(pending.tag);
        }
    }
    (overdue, waiting)
}
