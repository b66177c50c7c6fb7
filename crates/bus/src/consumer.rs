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
use tracing::error;

use crate::acks::Acks;
use crate::connection::{Broker, Session, look_for_queue, supervise};
use crate::error::BusError;
use crate::health::Health;
use crate::message::{Incoming, Place};
use crate::outage::Outage;
use crate::taking::{Handler, Taking};

/// The most events in one transaction.
const BATCH: usize = 256;
/// One batch in work and one at hand.
const PREFETCH: u16 = 512;
/// How long an event waits in memory for its predecessor (in a hand-over between instances, it is on its way).
const PATIENCE: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const SWEEP: Duration = Duration::from_secs(1);

/// Takes one service's events until it is stopped.
pub struct Consumer<H> {
    pub(crate) service: String,
    pub(crate) instance: String,
    pub(crate) broker: Broker,
    pub(crate) taking: Taking<H>,
    pub(crate) health: Health,
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
        sqlx::query("SELECT 1").execute(&self.taking.pool).await?;
        let connection = self.broker.connect(Self::ROLE).await?;
        let channel = connection.create_channel().await?;
        look_for_queue(&channel, &self.service).await?;
        self.work(&channel, stop).await?;
        connection.close(200, "stopped".into()).await?;
        Ok(())
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

    async fn work(&self, channel: &Channel, stop: &CancellationToken) -> Result<(), BusError> {
        let mut deliveries = self.subscribe(channel).await?.ready_chunks(BATCH);
        let mut sweep = tokio::time::interval(SWEEP);
        let mut acks = Acks::default();
        let mut waiting: Vec<Pending> = Vec::new();
        self.health.up();
        loop {
            let mut batch = std::mem::take(&mut waiting);
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                // Before the deliveries: under a constant load there is always one more of them.
                _ = sweep.tick() => self.sweep(stop).await?,
                chunk = deliveries.next() => {
                    let chunk = chunk.ok_or(BusError::Unsubscribed)?;
                    batch.extend(self.read(chunk, &mut acks).await?);
                }
                () = tokio::time::sleep(LOOK_AGAIN), if !batch.is_empty() => {}
            }
            waiting = self.take(batch, &mut acks, stop).await?;
            acks.send(channel).await?;
        }
    }

    async fn subscribe(&self, channel: &Channel) -> Result<lapin::Consumer, lapin::Error> {
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let tag = format!("{} {}", self.service, self.instance);
        let options = BasicConsumeOptions::default();
        channel.basic_consume(self.service.as_str().into(), tag.into(), options, FieldTable::default()).await
    }

    /// A message that doesn't even say which event it is was not sent by a relay: it becomes a dead letter.
    async fn read(
        &self,
        chunk: Vec<Result<Delivery, lapin::Error>>,
        acks: &mut Acks,
    ) -> Result<Vec<Pending>, BusError> {
        let mut pending = Vec::with_capacity(chunk.len());
        for delivery in chunk {
            let delivery = delivery?;
            if let Some(incoming) = Incoming::from_delivery(&delivery) {
                acks.delivered(&delivery);
                pending.push(Pending { tag: delivery.delivery_tag, incoming, since: Instant::now() });
            } else {
                error!(routing_key = %delivery.routing_key, "a message without an event's headers: a dead letter");
                delivery.acker.reject(BasicRejectOptions { requeue: false }).await?;
            }
        }
        Ok(pending)
    }

    async fn sweep(&self, stop: &CancellationToken) -> Result<(), BusError> {
        let mut outage = Outage::new(&self.health, stop);
        while let Err(error) = self.taking.sweep().await {
            outage.wait(error).await?;
        }
        Ok(())
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
        let mut outage = Outage::new(&self.health, stop);
        let ahead = loop {
            match self.taking.take(&events).await {
                Ok(ahead) => break ahead,
                Err(error) => outage.wait(error).await?,
            }
        };
        let (impatient, patient) = divide(&batch, &ahead);
        if !impatient.is_empty() {
            while let Err(error) = self.taking.park_waiting(&impatient).await {
                outage.wait(error).await?;
            }
        }
        let (waiting, done): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|pending| patient.contains(&pending.tag));
        for pending in done {
            acks.done(pending.tag);
        }
        Ok(waiting)
    }
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
