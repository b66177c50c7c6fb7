//! A service's part in the exchange of events.

use std::sync::{Arc, Mutex};

use sqlx::PgPool;
use sqlx::migrate::Migrator;
use tokio_util::sync::CancellationToken;

use crate::backlog::Backlog;
use crate::consumer::Consumer;
use crate::consumer::intake::Intake;
use crate::database::migrate;
use crate::dead_letters::queue::DeadLetterQueue;
use crate::dead_letters::take_back_or_discard::OwnDeadLetters;
use crate::event_log::rebuilding::{self, RebuildError};
use crate::health::Health;
use crate::inbox::batch_processor::BatchProcessor;
use crate::inbox::handler::Handler;
use crate::inbox::handler_runner::HandlerRunner;
use crate::known_sources::KnownSources;
use crate::open_error::OpenError;
use crate::outbox::{Outbox, epochs};
use crate::queue_watch::QueueWatch;
use crate::relay::Relay;
use crate::relay::confirm_backoff::ConfirmBackoff;
use crate::relay::refusal_suspects::RefusalSuspects;
use crate::renamed_source;
use crate::restoring::{self, OwnEvents, RestoreError, Restored, stopped};
use crate::settings::Settings;
use crate::timers::firing::Firing;
use crate::timers::{TimerHandler, TimerRunner, Timers};
use crate::topology::service::Service;

/// A service's part in the exchange of events, on top of its own database.
pub struct Bus {
    settings: Settings,
    pool: PgPool,
    outbox: Outbox,
}

impl Bus {
    /// Prepares the database: the bus keeps its tables in a schema `bus` of its own.
    ///
    /// # Errors
    /// When the broker's URL can't be read; when the database can't be reached, or refuses a migration; when instances of an
    /// earlier release are running that this one can't work beside; while the database is being brought up to date after it
    /// was [restored](Self::restore).
    pub async fn open(settings: Settings, pool: PgPool) -> Result<Self, OpenError> {
        settings.broker.check()?;
        migrate(&migrations(), &pool).await?;
        renamed_source::rows::rename(&pool, &settings.service, &settings.renamed_sources).await?;
        #[cfg(debug_assertions)]
        crate::fault_injection::begin(&pool);
        if stopped::is_under_way(&pool).await? {
            return Err(OpenError::BeingRestored(settings.service));
        }
        let epoch = epochs::current(&pool).await?;
        let outbox = Outbox::new(&settings.publishes, settings.max_event_bytes, settings.clock, epoch);
        Ok(Self { settings, pool, outbox })
    }

    /// The outbox that the service's events are written to.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }

    /// How much is waiting in the database.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn backlog(&self) -> sqlx::Result<Backlog> {
        Backlog::look(&self.pool).await
    }

    /// A watch that reports how much is waiting in the service's queues.
    #[must_use]
    pub fn queue_watch(&self) -> QueueWatch {
        QueueWatch::new(self.settings.broker.clone(), self.settings.service.clone())
    }

    /// Messages that the broker gave up delivering to the service, and those that the service found not to be events.
    #[must_use]
    pub fn dead_letters(&self) -> OwnDeadLetters {
        let (broker, service) = (self.settings.broker.clone(), self.settings.service.clone());
        OwnDeadLetters {
            queue: DeadLetterQueue { broker, service },
            pool: self.pool.clone(),
            sources: self.sources(),
        }
    }

    fn sources(&self) -> KnownSources {
        KnownSources::new(self.settings.renamed_sources.clone(), self.settings.listens_to.as_deref())
    }

    /// The relay, which publishes what is in the outbox. Run it once per process.
    #[must_use]
    pub fn relay(&self) -> Relay {
        Relay {
            service: self.settings.service.clone(),
            publishes: self.settings.publishes.clone(),
            unpacked: self.settings.unpacked.clone(),
            renamed_sources: self.settings.renamed_sources.clone(),
            broker: self.settings.broker.clone(),
            database: self.pool.clone(),
            outbox: self.outbox.clone(),
            health: Health::new("relay"),
            observer: self.settings.observer.clone(),
            traces: self.settings.traces.clone(),
            confirm_timeout: self.settings.confirm_timeout,
            max_unconfirmed: self.settings.max_unconfirmed,
            refused_retry: self.settings.refused_retry,
            // Longer than any consumer knows the subject: were it numbered from 1 again, that one would take events for duplicates.
            ended: 2 * self.settings.timeouts.ended,
            suspects: RefusalSuspects::default(),
            backoff: ConfirmBackoff::default(),
        }
    }

    /// Sets and cancels timers.
    #[must_use]
    pub fn timers(&self) -> Timers {
        self.outbox.timers()
    }

    /// The runner that fires the service's timers. Run it once per process.
    pub fn timer_runner<H: TimerHandler>(&self, handler: H) -> TimerRunner<H> {
        TimerRunner {
            service: self.settings.service.clone(),
            database: self.pool.clone(),
            timers: self.timers(),
            firing: Firing {
                handler,
                outbox: self.outbox.clone(),
                observer: self.settings.observer.clone(),
                timeout: self.settings.timeouts.handling,
                unclear_since: Mutex::default(),
            },
            health: Health::new("timers"),
        }
    }

    /// The consumer, which takes the events that the service listens to.
    pub fn consumer<H: Handler>(&self, handler: H) -> Consumer<H> {
        let runner = HandlerRunner {
            pool: self.pool.clone(),
            handler: Arc::new(handler),
            outbox: self.outbox.clone(),
            observer: self.settings.observer.clone(),
            traces: self.settings.traces.clone(),
            alone: Arc::default(),
        };
        Consumer {
            service: self.settings.service.clone(),
            instance: self.settings.instance.clone(),
            broker: self.settings.broker.clone(),
            intake: Intake {
                processor: BatchProcessor::new(runner),
                health: Health::new("consumer"),
                timeouts: self.settings.timeouts,
                breaker: Arc::default(),
                parked: Arc::default(),
            },
            accepts_short_log: self.settings.accepts_short_log,
            sources: self.sources(),
        }
    }

    /// Empties the tables that the handler builds and runs it over the whole event log, without publishing anything a second
    /// time. Returns the number of events. The service must not be running. All of it is one transaction: if it is
    /// interrupted, nothing has changed.
    ///
    /// # Errors
    /// When the handler does not [project](Handler::PROJECTS), when the service runs, when the event log no longer has
    /// its beginning, or when the broker or the database fails.
    pub async fn rebuild<H: Handler>(&self, service: &Service, handler: H) -> Result<usize, RebuildError> {
        let consumer = self.consumer(handler);
        rebuilding::rebuild(&consumer.replay(&CancellationToken::new()), service).await
    }

    /// Brings the database up to date after it was restored from a backup: takes from the event log what the service itself
    /// had done since, then what others have published since, and from then on numbers its events in a new epoch, so that
    /// nobody takes them for those that it has lost. The service must not be running.
    ///
    /// # Errors
    /// When the service runs, when the event log doesn't reach back to the backup, or when the broker or the database fails.
    /// In each case, nothing has changed.
    pub async fn restore<O: OwnEvents, H: Handler>(
        &self,
        service: &Service,
        own: &O,
        handler: H,
    ) -> Result<Restored, RestoreError> {
        let consumer = self.consumer(handler);
        let now = self.settings.clock.now();
        restoring::restore(&consumer.replay(&CancellationToken::new()), service, own, now).await
    }
}

/// The migrations of the bus's tables, which are recorded in a table of their own, so that they don't mix with the service's.
#[must_use]
pub fn migrations() -> Migrator {
    let mut migrations = sqlx::migrate!();
    migrations.create_schema("bus");
    migrations.dangerous_set_table_name("bus.migrations");
    migrations
}
