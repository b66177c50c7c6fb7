//! The consumer: takes whatever is ready from the service's queue, never waits for more, and acknowledges after the
//! commit.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::StreamExt;
use lapin::Channel;
use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, BasicQosOptions, BasicRejectOptions};
use lapin::types::FieldTable;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use crate::acks::Acks;
use crate::catching_up::Care;
use crate::connection::{Broker, Session, look_for_queue, part, supervise};
use crate::error::BusError;
use crate::fault::Fault;
use crate::health::Health;
use crate::inbox::{self, Reach};
use crate::marker::Marker;
use crate::message::{Incoming, Place};
use crate::outage::Outage;
use crate::rebuild;
use crate::taking::{Handler, Interrupted, Taking, interrupted};

/// The most events in one transaction.
pub(crate) const BATCH: usize = 256;
/// One batch in work and one at hand.
const PREFETCH: u16 = 512;
/// How long an event waits in memory for its predecessor (in a hand-over between instances, it is on its way).
const PATIENCE: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const SWEEP: Duration = Duration::from_secs(1);
const PRUNE: Duration = Duration::from_mins(1);
/// A deploy or a broker's restart brings an event back once; twice may be more than that.
const SUSPICIOUS: i64 = 2;

/// Takes one service's events until it is stopped.
pub struct Consumer<H> {
    pub(crate) service: String,
    pub(crate) instance: String,
    pub(crate) broker: Broker,
    pub(crate) taking: Taking<H>,
    pub(crate) health: Health,
    pub(crate) patience: Patience,
    pub(crate) fault: Fault,
    /// Whether catching up may begin where the event log does.
    pub(crate) accepts_short_log: bool,
}

/// How long a consumer has patience with what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// With one batch: then its connection to the database counts as half open.
    pub handling: Duration,
    /// With a database that is away: then the messages are given back.
    pub outage: Duration,
    /// With a hole: then the event log is read.
    pub hole: Duration,
    /// With the position of a subject that has ended.
    pub ended: Duration,
}

/// What has come from the queue.
#[derive(Default)]
struct Arrived {
    fresh: Vec<Pending>,
    /// Those that may be what killed their consumers.
    suspects: Vec<Pending>,
    markers: Vec<(u64, Marker, Care)>,
}

/// A delivery that is not acknowledged yet.
struct Pending {
    tag: u64,
    incoming: Incoming,
    since: Instant,
}

impl<H: Handler> Session for Consumer<H> {
    const ROLE: &'static str = "consumer";

    fn health(&self) -> &Health {
        &self.health
    }

    async fn session(&self, stop: &CancellationToken) -> Result<(), BusError> {
        // No database, no messages.
        within(self.patience.handling, sqlx::query("SELECT 1").execute(&self.taking.pool)).await?;
        if self.fault.is_the_handlers() {
            self.probe().await?;
        }
        let connection = self.broker.connect(Self::ROLE).await?;
        let channel = connection.create_channel().await?;
        look_for_queue(&channel, &self.service).await?;
        rebuild::must_be_finished(&self.taking.pool).await?;
        // Before anybody takes anything from this queue, if it is new: its marker comes to the first who subscribes.
        let reach = inbox::reach(&self.taking.pool).await?;
        let worked = self.work(&channel, reach, stop).await;
        // Also after a failure, so that what was acknowledged last reaches the broker, if that can be reached.
        part(&connection).await;
        worked
    }
}

impl<H: Handler> Consumer<H> {
    /// Whether it is at work.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Works until `stop`; then it finishes the batch that it has begun.
    pub async fn run(self, stop: CancellationToken) {
        supervise(&self, &stop).await;
    }

    async fn work(&self, channel: &Channel, reach: Reach, stop: &CancellationToken) -> Result<(), BusError> {
        let mut deliveries = self.subscribe(channel).await?.ready_chunks(BATCH);
        let mut sweep = tokio::time::interval(SWEEP);
        let mut prune = tokio::time::interval(PRUNE);
        let mut acks = Acks::default();
        let mut holes_can_be_seen = true;
        let mut waiting: Vec<Pending> = Vec::new();
        self.health.up();
        loop {
            let mut batch = std::mem::take(&mut waiting);
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                // Before the deliveries: under a constant load there is always one more of them.
                _ = sweep.tick() => {
                    self.sweep(stop).await?;
                    holes_can_be_seen = self.look_into_holes(holes_can_be_seen, stop).await;
                }
                _ = prune.tick() => self.prune().await?,
                chunk = deliveries.next() => {
                    let chunk = chunk.ok_or(BusError::Unsubscribed)?;
                    let Arrived { fresh, suspects, markers } = read(chunk, &mut acks).await?;
                    for (tag, marker, care) in markers {
                        self.catch_up(&marker, reach, care, stop).await?;
                        acks.done(tag);
                    }
                    if !suspects.is_empty() {
                        self.set_aside(suspects, &mut acks, channel, stop).await?;
                    }
                    batch.extend(fresh);
                }
                () = tokio::time::sleep(LOOK_AGAIN), if !batch.is_empty() => {}
            }
            #[cfg(debug_assertions)]
            if crate::sabotage::is(crate::sabotage::Sabotage::AckBeforeCommit) {
                for pending in &batch {
                    acks.done(pending.tag);
                }
                acks.send(channel).await?;
            }
            waiting = self.take(batch, &mut acks, stop).await?;
            acks.send(channel).await?;
            if self.fault.is_the_handlers() {
                // The broker gets everything back until the handler is mended.
                return Err(BusError::HandlerAtFault);
            }
        }
    }

    async fn subscribe(&self, channel: &Channel) -> Result<lapin::Consumer, lapin::Error> {
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let tag = format!("{} {}", self.service, self.instance);
        let options = BasicConsumeOptions::default();
        channel.basic_consume(self.service.as_str().into(), tag.into(), options, FieldTable::default()).await
    }

    /// From the queue into the parking lot, where each is tried alone and its tries are counted: the broker's count
    /// also grows with each lost connection and each deploy, so it raises a suspicion and decides nothing.
    async fn set_aside(
        &self,
        suspects: Vec<Pending>,
        acks: &mut Acks,
        channel: &Channel,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        let events: Vec<&Incoming> = suspects.iter().map(|pending| &pending.incoming).collect();
        self.insist(stop, || self.taking.set_aside(&events)).await?;
        for pending in &suspects {
            acks.done(pending.tag);
        }
        // Before the first try: what kills us must not come back by the queue as well.
        acks.send(channel).await?;
        self.sweep(stop).await
    }

    pub(crate) async fn sweep(&self, stop: &CancellationToken) -> Result<(), BusError> {
        self.insist(stop, || self.taking.sweep()).await
    }

    /// Returns whether that worked; says it once when it does not. Subjects without a hole go on in any case.
    async fn look_into_holes(&self, worked: bool, stop: &CancellationToken) -> bool {
        match self.close_holes(stop).await {
            Ok(()) => true,
            Err(error) => {
                if worked {
                    warn!(%error, "the event log can't be searched for missing events; trying again until it can");
                }
                false
            }
        }
    }

    async fn prune(&self) -> Result<(), BusError> {
        let pruned =
            within(self.patience.handling, inbox::prune(&self.taking.pool, self.patience.ended)).await?;
        if pruned > 0 {
            debug!(positions = pruned, "forgot the positions of subjects that have ended");
        }
        Ok(())
    }

    /// Fails for as long as the handler is at fault.
    async fn probe(&self) -> Result<(), BusError> {
        if within(self.patience.handling, self.taking.probe()).await? {
            info!("the handler takes events again");
            self.fault.is_mended();
            Ok(())
        } else {
            Err(BusError::HandlerAtFault)
        }
    }

    /// Does a piece of work in the database, again and again until it is done or makes no sense any more.
    pub(crate) async fn insist<T, W>(
        &self,
        stop: &CancellationToken,
        work: impl Fn() -> W,
    ) -> Result<T, BusError>
    where
        W: Future<Output = Result<T, Interrupted>>,
    {
        let mut outage = Outage::new(&self.health, stop, self.patience.outage);
        loop {
            match within(self.patience.handling, work()).await {
                Ok(done) => return Ok(done),
                Err(error) => outage.wait(error).await?,
            }
        }
    }

    /// Takes a batch and returns those of it that still wait for an earlier event.
    async fn take(
        &self,
        batch: Vec<Pending>,
        acks: &mut Acks,
        stop: &CancellationToken,
    ) -> Result<Vec<Pending>, BusError> {
        if batch.is_empty() {
            return Ok(batch);
        }
        let events: Vec<&Incoming> = batch.iter().map(|pending| &pending.incoming).collect();
        let taken = self.insist(stop, || self.taking.take(&events)).await?;
        self.fault.note(taken.tried, taken.failed);
        let (impatient, patient) = divide(&batch, &taken.waiting);
        if !impatient.is_empty() {
            self.insist(stop, || self.taking.park_waiting(&impatient)).await?;
        }
        let (waiting, done): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|pending| patient.contains(&pending.tag));
        for pending in done {
            acks.done(pending.tag);
        }
        Ok(waiting)
    }
}

/// A message that doesn't even say which event it is was not sent by a relay: it becomes a dead letter.
async fn read(chunk: Vec<Result<Delivery, lapin::Error>>, acks: &mut Acks) -> Result<Arrived, BusError> {
    let mut arrived = Arrived::default();
    for delivery in chunk {
        let delivery = delivery?;
        let tag = delivery.delivery_tag;
        if let Some(marker) = Marker::from_delivery(&delivery) {
            acks.delivered(&delivery);
            let care = if is_suspect(&delivery) { Care::EachAlone } else { Care::Usual };
            arrived.markers.push((tag, marker, care));
        } else if let Some(incoming) = Incoming::from_delivery(&delivery) {
            acks.delivered(&delivery);
            let pending = Pending { tag, incoming, since: Instant::now() };
            if is_suspect(&delivery) { arrived.suspects.push(pending) } else { arrived.fresh.push(pending) }
        } else {
            error!(routing_key = %delivery.routing_key, "a message without an event's headers: a dead letter");
            delivery.acker.reject(BasicRejectOptions { requeue: false }).await?;
        }
    }
    Ok(arrived)
}

/// A connection that is half open would hang for ever.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Interrupted>>,
) -> Result<T, Interrupted> {
    let late = || interrupted(format!("the database did not finish within {limit:?}"));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
}

/// Whether it came back so often that it may be what kills its consumers.
fn is_suspect(delivery: &Delivery) -> bool {
    let headers = delivery.properties.headers().as_ref();
    let count = headers.and_then(|headers| headers.inner().get("x-delivery-count")?.as_long_long_int());
    count.is_some_and(|count| count >= SUSPICIOUS)
}

/// Of the events that are ahead: those that have waited long enough, and the tags of the others.
fn divide<'a>(batch: &'a [Pending], ahead: &BTreeSet<Place>) -> (Vec<&'a Incoming>, BTreeSet<u64>) {
    let mut impatient = Vec::new();
    let mut patient = BTreeSet::new();
    for pending in batch.iter().filter(|pending| ahead.contains(&pending.incoming.place)) {
        if pending.since.elapsed() > PATIENCE {
            impatient.push(&pending.incoming);
        } else {
            patient.insert(pending.tag);
        }
    }
    (impatient, patient)
}
