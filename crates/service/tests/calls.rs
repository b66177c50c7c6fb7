//! Calls to the outside, against a real database and a target that does what a test wants.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::OutboxError;
use service::calls::{self, Loaded, Outcome, Pace, Settled, Target, WakeUp, Which};
use service::{Lifecycle, ServiceBuilder};
use sqlx::migrate::Migrator;
use sqlx::{PgConnection, PgPool};
use testkit::{NO_BROKER, TestSpace, eventually, turn_clock};

const TIMEOUT: Duration = Duration::from_secs(20);
const PACE: Pace = Pace { workers: 2, timeout: Duration::from_millis(500), lease: Duration::from_secs(2) };
static NO_TABLES: Migrator = Migrator::DEFAULT;

/// A payment provider, whose calls are keys. It notes how often each was made.
#[derive(Clone, Default)]
struct Provider {
    made: Arc<Mutex<HashMap<String, usize>>>,
}

impl Provider {
    fn made(&self, key: &str) -> usize {
        self.made.lock().unwrap().get(key).copied().unwrap_or_default()
    }
}

impl Target for Provider {
    type Call = String;
    type Session = ();

    const NAME: &'static str = "provider";

    async fn load(&self, keys: &[String]) -> sqlx::Result<Loaded<String>> {
        if keys.iter().any(|key| key == "poison") {
            return Err(sqlx::Error::Decode("a value that makes no sense".into()));
        }
        let read = |key: &String| match key.as_str() {
            "unreadable" => Err("an amount without a currency".to_owned()),
            _ => Ok(key.clone()),
        };
        Ok(keys.iter().filter(|key| *key != "missing").map(|key| (key.clone(), read(key))).collect())
    }

    fn session(&self) {}

    async fn call(&self, call: &String, _session: &mut ()) -> Outcome {
        *self.made.lock().unwrap().entry(call.clone()).or_default() += 1;
        if call == "endless" {
            std::future::pending::<()>().await;
        }
        Outcome::Done
    }

    async fn close(&self, _session: &mut ()) {}

    async fn record(
        &self,
        connection: &mut PgConnection,
        settled: &[Settled<'_>],
    ) -> Result<(), OutboxError> {
        for one in settled {
            let what = sqlx::query("INSERT INTO paid VALUES ($1, $2)");
            what.bind(one.key).bind(one.failure.is_none()).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// A service that pays, without its events.
struct Shop {
    space: TestSpace,
    database: String,
    pool: PgPool,
    provider: Provider,
    placed: WakeUp,
    lifecycle: Lifecycle,
}

impl Shop {
    async fn open() -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        let database = space.database("payments").await;
        let settings: service::Settings = testkit::settings(&database, NO_BROKER, &[]);
        let (provider, placed, lifecycle) = (Provider::default(), WakeUp::default(), Lifecycle::default());
        let opened = ServiceBuilder::open("payments", &settings, &NO_TABLES, Arc::new(()), &lifecycle).await;
        let service = opened.unwrap();
        sqlx::raw_sql("CREATE TABLE paid (key text PRIMARY KEY CHECK (key <> 'unrecordable'), done bool)")
            .execute(&service.pool)
            .await
            .unwrap();
        service.call(provider.clone(), PACE, placed.clone()).await.unwrap();
        Self { space, database, pool: service.pool.clone(), provider, placed, lifecycle }
    }

    async fn place(&self, keys: &[&str]) {
        let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        calls::place(&mut self.pool.acquire().await.unwrap(), Provider::NAME, &keys).await.unwrap();
        self.placed.give();
    }

    /// A call's state, attempts and error.
    async fn row(&self, key: &str) -> (String, i32, Option<String>) {
        let row = sqlx::query_as("SELECT state, attempts, error FROM calls.calls WHERE key = $1").bind(key);
        row.fetch_one(&self.pool).await.unwrap()
    }

    async fn until(&self, key: &str, state: &str) {
        let what = format!("{key} is {state}");
        eventually(&what, TIMEOUT, async || (self.row(key).await.0 == state).then_some(())).await;
    }

    async fn end(self) {
        self.lifecycle.finish().await.unwrap();
        self.pool.close().await;
        self.space.remove().await;
    }
}

#[tokio::test]
async fn a_call_is_made_once_however_often_it_is_placed() {
    let shop = Shop::open().await;
    shop.place(&["order 1, charge"]).await;
    shop.until("order 1, charge", "done").await;
    shop.place(&["order 1, charge", "order 2, charge"]).await;
    shop.until("order 2, charge", "done").await;
    assert_eq!((shop.provider.made("order 1, charge"), shop.provider.made("order 2, charge")), (1, 1));
    shop.end().await;
}

#[tokio::test]
async fn a_call_that_can_not_be_read_or_recorded_fails_alone_with_its_reason() {
    let shop = Shop::open().await;
    shop.place(&["a", "b", "missing", "poison", "unreadable", "unrecordable", "c"]).await;
    for key in ["a", "b", "c"] {
        shop.until(key, "done").await;
        assert_eq!(shop.provider.made(key), 1, "{key}");
    }
    for (key, expected) in [
        ("missing", "what it says is missing"),
        ("poison", "a value that makes no sense"),
        ("unreadable", "an amount without a currency"),
        ("unrecordable", "what came of it can't be recorded"),
    ] {
        shop.until(key, "failed").await;
        let error = shop.row(key).await.2.unwrap();
        assert!(error.contains(expected), "{key}: {error}");
    }
    let failed: Vec<String> = sqlx::query_scalar("SELECT key FROM paid WHERE NOT done ORDER BY key")
        .fetch_all(&shop.pool)
        .await
        .unwrap();
    assert_eq!(failed, ["missing", "poison", "unreadable"], "the service knows, where it can");
    assert_eq!(shop.provider.made("unrecordable"), 1, "it is not made again and again");
    shop.end().await;
}

#[tokio::test]
async fn a_call_without_end_ends_with_its_lease_and_is_retried() {
    let shop = Shop::open().await;
    shop.place(&["endless"]).await;
    let attempted = async || (shop.row("endless").await.1 == 1).then_some(());
    eventually("the attempt is recorded", TIMEOUT, attempted).await;
    let (state, _, error) = shop.row("endless").await;
    assert_eq!((state.as_str(), error.as_deref()), ("due", Some("no answer in time")));
    turn_clock(&shop.pool, Duration::from_mins(1)).await;
    eventually("it is made again", TIMEOUT, async || (shop.provider.made("endless") == 2).then_some(()))
        .await;
    shop.end().await;
}

#[tokio::test]
async fn an_operator_sees_why_calls_failed_and_makes_them_again_by_their_error() {
    let shop = Shop::open().await;
    shop.place(&["missing", "unreadable"]).await;
    shop.until("missing", "failed").await;
    shop.until("unreadable", "failed").await;
    let which = Which { error: Some("currency"), limit: 10 };
    let failures = calls::failures(&shop.pool, Provider::NAME, which).await.unwrap();
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].error.as_str(), failures[0].calls), ("an amount without a currency", 1));
    sqlx::query("DELETE FROM paid").execute(&shop.pool).await.unwrap();
    let mut connection = shop.pool.acquire().await.unwrap();
    let retried = calls::retry(&mut connection, Provider::NAME, which).await.unwrap();
    assert_eq!(retried, ["unreadable"]);
    assert!(!calls::retry_one(&mut connection, Provider::NAME, "no such call").await.unwrap());
    drop(connection);
    shop.until("unreadable", "failed").await;
    assert_eq!(shop.row("missing").await.0, "failed");
    shop.end().await;
}

#[tokio::test]
async fn calls_that_were_made_long_ago_are_forgotten_and_failed_ones_are_not() {
    let shop = Shop::open().await;
    shop.place(&["old", "missing"]).await;
    shop.until("old", "done").await;
    shop.until("missing", "failed").await;
    turn_clock(&shop.pool, Duration::from_hours(34 * 24)).await;
    shop.place(&["new"]).await;
    shop.until("new", "done").await;
    turn_clock(&shop.pool, Duration::from_hours(36 * 24)).await;
    let settings: service::Settings = testkit::settings(&shop.database, NO_BROKER, &[]);
    let opened = ServiceBuilder::open("payments", &settings, &NO_TABLES, Arc::new(()), &shop.lifecycle).await;
    let another = opened.unwrap();
    another.call(shop.provider.clone(), PACE, WakeUp::default()).await.unwrap();
    eventually("the oldest is forgotten", TIMEOUT, async || {
        let keys = sqlx::query_scalar("SELECT key FROM calls.calls ORDER BY key").fetch_all(&shop.pool).await;
        let keys: Vec<String> = keys.unwrap();
        (keys == ["missing", "new"]).then_some(())
    })
    .await;
    shop.end().await;
}
