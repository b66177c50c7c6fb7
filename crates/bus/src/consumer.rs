//! The consumer: takes whatever is ready from the service's queue, and acknowledges after the commit. Under light load it
//! never waits for more. One of a service's instances consumes, see `active_lock`.

mod acks;
mod active_lock;
pub(crate) mod circuit_breaker;
mod crash_suspects;
mod delivered;
pub(crate) mod intake;
mod outage;
mod sweeper;
pub(crate) mod timeouts;

use std::pin::pin;
use std::time::{Duration, Instant};

use futures::StreamExt;
use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Queue};
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::batch_delay::{BatchDelay, Pause};
use crate::connection::{Broker, close};
use crate::error::BusError;
use crate::event_log::replay::Replay;
use crate::event_log::sessions::SUBSCRIBED_WITHIN;
use crate::event_log::{catching_up, rebuilding, sessions};
use crate::health::Health;
use crate::inbox::handler::Handler;
use crate::known_sources::KnownSources;
use crate::passive_declare::look_for_queue;
use crate::session::{Session, supervise};
use acks::Acks;
use active_lock::ActiveLock;
use crash_suspects::try_alone;
use delivered::{Delivered, Pending, SplitByWait, events_of, next_deliveries, split_by_wait};
use intake::{BATCH, Intake};
use sweeper::{Sweeper, own_connections};

/// In messages: one batch being processed and one waiting, where each message has one event. Full ones are some 10 to 30 MB.
const PREFETCH: u16 = 512;
/// With more events that wait for earlier ones, no others are taken in: each look at them costs.
const MOST_WAITING: usize = 2 * BATCH;
/// How long events gather under load. It gave a third of the throughput with 32 clients, measured with 20 ms for all; fewer
/// events gather for less, since they come late for little.
const GATHERING: Pause = Pause { per_event: Duration::from_micros(500), longest: Duration::from_millis(20) };
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// An idle consumer notices that its database is away.
const LOOK: Duration = Duration::from_secs(1);
const PRUNE: Duration = Duration::from_mins(1);
/// What waited in the queue may have gone to another instance.
const FIRST_DELIVERY: Duration = Duration::from_secs(1);

/// Takes one service's events until it is stopped.
pub struct Consumer<H> {
    pub(crate) service: String,
    pub(crate) instance: String,
    pub(crate) broker: Broker,
    pub(crate) intake: Intake<H>,
    /// Whether catching up may start where the event log does.
    pub(crate) accepts_short_log: bool,
    pub(crate) sources: KnownSources,
}

impl<H: Handler> Session for Consumer<H> {
    const ROLE: &'static str = "consumer";

    fn health(&self) -> &Health {
        &self.intake.health
    }

    async fn session(&self, stop: &CancellationToken) -> Result<(), BusError> {
        self.intake.health.idle();
        // No database, no messages.
        self.intake.look_for_database().await?;
        // What was parked is tried beside this, until the handler works again.
        self.intake.handler_must_work()?;
        let active =
            ActiveLock::acquire(self.intake.pool(), &self.service, &self.intake.health, stop).await?;
        let Some(mut active) = active else { return Ok(()) };
        let connection = self.broker.connect(Self::ROLE).await?;
        let channel = connection.create_channel().await?;
        let queue = look_for_queue(&channel, &self.service).await?;
        rebuilding::must_be_finished(&self.intake).await?;
        // Before anybody takes anything from this queue, if it is new: its marker comes to the first who subscribes.
        let began = Instant::now();
        let noted = self.intake.within(sessions::begin(self.intake.pool())).await?;
        let deliveries = self.subscribe(&channel).await?;
        if began.elapsed() > SUBSCRIBED_WITHIN {
            return Err(BusError::Silent);
        }
        let worked = tokio::select! {
            worked = self.work(&channel, deliveries, &queue, noted, stop) => worked,
            reason = active.lost() => Err(reason),
        };
        // Also after a failure, so that what was acknowledged last reaches the broker, if that can be reached.
        close(&connection).await;
        // What wasn't acknowledged is in the queue again: the next instance gets all of it.
        active.release().await;
        worked
    }
}

impl<H: Handler> Consumer<H> {
    /// Whether it is running.
    #[must_use]
    pub fn health(&self) -> Health {
        self.intake.health.clone()
    }

    /// Runs until `stop`; then it finishes the batch that it has begun.
    pub async fn run(self, stop: CancellationToken) {
        // Dropping the set ends what is in it.
        let mut beside = JoinSet::new();
        beside.spawn(self.sweeper().run(stop.clone()));
        let sweeping = async {
            if let Some(Err(error)) = beside.join_next().await
                && let Ok(panic) = error.try_into_panic()
            {
                std::panic::resume_unwind(panic);
            }
        };
        tokio::join!(supervise(&self, &stop), sweeping);
    }

    fn sweeper(&self) -> Sweeper<H> {
        let pool = own_connections(self.intake.pool(), &self.service);
        let intake = self.intake.beside("parked events", pool);
        Sweeper {
            service: self.service.clone(),
            broker: self.broker.clone(),
            sources: self.sources.clone(),
            intake,
        }
    }

    async fn work(
        &self,
        channel: &Channel,
        deliveries: lapin::Consumer,
        queue: &Queue,
        noted: Uuid,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        let mut deliveries = deliveries.fuse();
        let (mut look, mut prune) = (ticks(LOOK), ticks(PRUNE));
        let (mut acks, mut gathering) = (Acks::default(), BatchDelay::new(BATCH, GATHERING));
        let mut noted = Some(noted);
        let mut waiting: Vec<Pending> = Vec::new();
        // Not before it knows that the queue isn't a new one, with a marker in it.
        let nothing_comes = if queue.message_count() > 0 { FIRST_DELIVERY } else { Duration::ZERO };
        let mut nothing_comes = pin!(tokio::time::sleep(nothing_comes));
        let mut is_up = false;
        loop {
            let mut batch = std::mem::take(&mut waiting);
            let waited = batch.len();
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                // Before the deliveries: under a constant load there is always one more of them.
                _ = look.tick() => self.intake.until_database_answers(stop).await?,
                _ = prune.tick() => self.intake.prune().await?,
                next = next_deliveries(&mut deliveries, BATCH), if batch.len() < MOST_WAITING => {
                    let Delivered { fresh, suspects, markers } = delivered::sort(next?, &mut acks, &self.sources).await?;
                    for (tag, marker, mode) in markers {
                        catching_up::catch_up(&self.replay(stop), &marker, mode).await?;
                        acks.done(tag);
                    }
                    if let Some(noted) = noted.take() {
                        self.intake.within(sessions::end(self.intake.pool(), noted)).await?;
                        self.intake.health.up();
                        is_up = true;
                    }
                    if !suspects.is_empty() {
                        try_alone(suspects, &self.intake, &mut acks, channel, stop).await?;
                    }
                    batch.extend(fresh);
                }
                () = &mut nothing_comes, if !is_up => {
                    self.intake.health.up();
                    is_up = true;
                }
                () = tokio::time::sleep(POLL_INTERVAL), if !batch.is_empty() => {}
            }
            let fresh = batch.len() - waited;
            waiting = self.take(batch, &mut acks, stop).await?;
            acks.send(channel).await?;
            // The broker gets everything back until the handler is fixed.
            self.intake.handler_must_work()?;
            gathering.wait_after(fresh, stop).await;
        }
    }

    async fn subscribe(&self, channel: &Channel) -> Result<lapin::Consumer, lapin::Error> {
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let tag = format!("{} {}", self.service, self.instance);
        let options =
            BasicConsumeOptions { no_ack: acks::are_not_wanted(), ..BasicConsumeOptions::default() };
        channel.basic_consume(self.service.as_str().into(), tag.into(), options, FieldTable::default()).await
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
        let taken = self.intake.take(&events_of(&batch), stop).await?;
        let SplitByWait { done, overdue, waiting } = split_by_wait(batch, &taken.waiting);
        if !overdue.is_empty() {
            self.intake.park_waiting(&events_of(&overdue), stop).await?;
        }
        for pending in done.iter().chain(&overdue) {
            acks.done(pending.tag);
        }
        Ok(waiting)
    }

    /// What takes events from the event log.
    pub(crate) fn replay<'a>(&'a self, stop: &'a CancellationToken) -> Replay<'a, H> {
        Replay {
            service: &self.service,
            broker: &self.broker,
            intake: &self.intake,
            accepts_short_log: self.accepts_short_log,
            sources: &self.sources,
            stop,
        }
    }
}

/// After a long piece of work, the next tick comes after its time, and not several at once.
fn ticks(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
