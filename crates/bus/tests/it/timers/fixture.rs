//! A service with things that timers are about.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cartwheel_bus::{
    Bus, DatabaseLimits, Due, DueTimer, Failure, Observer, Settings, Timer, TimerHandler, Timers,
};
use envelope::Cause;
use sqlx::{PgConnection, PgPool};
use testkit::{NO_BROKER, TestSpace};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fixture::{OrderPlaced, TIMEOUT};

pub const KIND: &str = "reminder";
pub const OTHER_KIND: &str = "other";

/// How late timers have fired, and how many failures there were.
#[derive(Default)]
pub struct Seen {
    pub late: Mutex<Vec<Duration>>,
    pub failures: Mutex<usize>,
}

impl Observer for Seen {
    fn timers_fired(&self, _kind: &str, late: &[Duration]) {
        self.late.lock().unwrap().extend(late);
    }

    fn timer_failed(&self, _kind: &str) {
        *self.failures.lock().unwrap() += 1;
    }
}

/// Counts for each thing how often its timer has fired, and publishes an order of it.
#[derive(Clone)]
pub struct Counting {
    bus: Arc<Bus>,
    /// What it refuses.
    pub refuses: Arc<Mutex<BTreeSet<String>>>,
    /// At this one it hangs until it is killed.
    pub hangs_at: Option<&'static str>,
    /// Notified when it hangs.
    pub hanging: Arc<Notify>,
    /// At this one it panics.
    pub panics_at: Option<&'static str>,
    /// For this one the database takes very long.
    pub slow_at: Option<&'static str>,
    /// It passes over SQL errors at this one.
    pub passes_over_errors_at: Option<&'static str>,
    /// What is active until then is set again for then.
    pub is_lazy: bool,
}

impl Counting {
    async fn fire_one(&self, timer: &DueTimer, connection: &mut PgConnection) -> Result<(), Failure> {
        let key = timer.key.as_str();
        if self.refuses.lock().unwrap().contains(key) {
            return Err(Failure::permanent("refused"));
        }
        assert!(self.panics_at != Some(key), "panics");
        if self.hangs_at == Some(key) {
            self.hanging.notify_one();
            std::future::pending::<()>().await;
        }
        if self.slow_at == Some(key) {
            sqlx::query("SELECT pg_sleep(60)").execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Sets those again that are still active. Returns the others.
    async fn prolong<'a>(
        &self,
        timers: &'a [DueTimer],
        connection: &mut PgConnection,
    ) -> Result<Vec<&'a DueTimer>, Failure> {
        let keys: Vec<&str> = timers.iter().map(|timer| timer.key.as_str()).collect();
        let active = "SELECT key, active_until FROM things WHERE key = ANY($1) AND active_until > bus.now()";
        let active: Vec<(String, chrono::DateTime<chrono::Utc>)> =
            sqlx::query_as(active).bind(keys).fetch_all(&mut *connection).await?;
        let again: Vec<Timer<'_>> =
            active.iter().map(|(key, until)| Timer { kind: KIND, key, due: Due::At(*until) }).collect();
        self.bus.timers().set(connection, &again).await?;
        Ok(timers.iter().filter(|timer| again.iter().all(|again| again.key != timer.key)).collect())
    }
}

impl TimerHandler for Counting {
    const KINDS: &'static [&'static str] = &[KIND, OTHER_KIND];

    async fn lock(&self, timers: &[DueTimer], connection: &mut PgConnection) -> Result<(), Failure> {
        let keys: Vec<&str> = timers.iter().map(|timer| timer.key.as_str()).collect();
        let lock = "SELECT FROM things WHERE key = ANY($1) ORDER BY key FOR UPDATE";
        sqlx::query(lock).bind(keys).execute(connection).await?;
        Ok(())
    }

    async fn fire(&self, timers: &[DueTimer], connection: &mut PgConnection) -> Result<(), Failure> {
        for timer in timers {
            self.fire_one(timer, connection).await?;
        }
        if timers.iter().any(|timer| self.passes_over_errors_at == Some(&timer.key)) {
            let _ = sqlx::query("SELECT 1 / 0").execute(&mut *connection).await;
            return Ok(());
        }
        let timers =
            if self.is_lazy { self.prolong(timers, connection).await? } else { timers.iter().collect() };
        let count = "INSERT INTO things AS thing (key, fired)
                     SELECT key, 1 FROM unnest($1::text[], $2::timestamptz[]) AS timer (key, due)
                     ON CONFLICT (key) DO UPDATE SET fired = thing.fired + 1, due = NULL,
                         wrong = thing.wrong + (thing.due IS DISTINCT FROM
                             (SELECT due FROM unnest($1::text[], $2::timestamptz[]) AS timer (key, due)
                              WHERE timer.key = thing.key) OR thing.due > bus.now())::int";
        sqlx::query(count)
            .bind(timers.iter().map(|timer| timer.key.as_str()).collect::<Vec<_>>())
            .bind(timers.iter().map(|timer| timer.due).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
        let outbox = self.bus.outbox();
        let placed = |timer: &&DueTimer| OrderPlaced { customer: timer.key.clone(), amount: 1 };
        let orders = timers.iter().map(|timer| outbox.wrap(&placed(timer), &Cause::started_by("a timer")));
        outbox.append(connection, orders.collect::<Result<_, _>>()?).await?;
        Ok(())
    }
}

/// An instance that fires timers.
pub struct Instance {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Instance {
    /// Ends it in the middle of what it does.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// The service.
pub struct Fixture {
    pub space: TestSpace,
    pub pool: PgPool,
    pub bus: Arc<Bus>,
    pub timers: Timers,
    pub seen: Arc<Seen>,
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(|settings| settings, DatabaseLimits::default()).await
    }

    pub async fn with(set: impl FnOnce(Settings) -> Settings, limits: DatabaseLimits) -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        let url = space.database("orders").await;
        let pool = limits.connect(url.parse().unwrap(), 10).await.unwrap();
        let seen = Arc::<Seen>::default();
        let settings = Settings::new("orders", NO_BROKER).publishes(["orders.orders"]);
        let settings = set(settings.observed_by(Arc::clone(&seen) as Arc<dyn Observer>));
        let bus = Arc::new(Bus::open(settings, pool.clone()).await.unwrap());
        let table =
            "CREATE TABLE things (key text PRIMARY KEY, due timestamptz, fired bigint NOT NULL DEFAULT 0,
                                          expected bigint NOT NULL DEFAULT 0, wrong bigint NOT NULL DEFAULT 0,
                                          active_until timestamptz)";
        sqlx::query(table).execute(&pool).await.unwrap();
        let timers = bus.timers();
        Self { space, pool, bus, timers, seen }
    }

    pub fn handler(&self) -> Counting {
        Counting {
            bus: Arc::clone(&self.bus),
            refuses: Arc::default(),
            hangs_at: None,
            hanging: Arc::default(),
            panics_at: None,
            slow_at: None,
            passes_over_errors_at: None,
            is_lazy: false,
        }
    }

    pub fn start(&self, handler: &Counting) -> Instance {
        let runner = self.bus.timer_runner(handler.clone());
        let stop = CancellationToken::new();
        let task = tokio::spawn(runner.run(stop.clone()));
        Instance { stop, task }
    }

    /// Sets the timers of these keys.
    pub async fn set(&self, kind: &str, keys: &[&str], after: Duration) {
        let mut transaction = self.pool.begin().await.unwrap();
        let timer = |key| Timer { kind, key, due: Due::After(after) };
        let timers: Vec<Timer<'_>> = keys.iter().copied().map(timer).collect();
        self.timers.set(&mut transaction, &timers).await.unwrap();
        self.bus.outbox().commit(transaction).await.unwrap();
    }

    /// How often the timer of a thing has fired.
    pub async fn fired(&self, key: &str) -> i64 {
        let fired = sqlx::query_scalar("SELECT fired FROM things WHERE key = $1").bind(key);
        fired.fetch_optional(&self.pool).await.unwrap().unwrap_or_default()
    }

    pub async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    pub async fn until_number(&self, query: &'static str, expected: i64) {
        testkit::until_number(&self.pool, query, expected, TIMEOUT).await;
    }

    /// Waits until this many timers have fired.
    pub async fn until_fired(&self, number: i64) {
        self.until_number("SELECT coalesce(sum(fired), 0)::bigint FROM things", number).await;
    }

    pub async fn end(self) {
        self.space.remove().await;
    }
}
