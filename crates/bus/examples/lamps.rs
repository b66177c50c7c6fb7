//! A house publishes which lamps it lights, a meter counts them: an event that is taken, one that comes twice, and one
//! that can't be taken until somebody mends the meter.
//!
//! ```sh
//! ./cartwheel servers -- cargo run -p bus --example lamps
//! ```
//! or with servers of your own in `CARTWHEEL_RABBITMQ_URL` and `CARTWHEEL_POSTGRES_URL`, as users who may declare
//! queues and create databases. It makes the databases `lamps_house` and `lamps_meter` anew.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bus::{Broker, Bus, Failure, Handler, Observer, Outbox, Service, Settings, Topology, judgement};
use envelope::{Cause, Envelope, EventType};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[derive(Serialize, Deserialize)]
struct LampLit {
    room: String,
    watts: i64,
}

impl EventType for LampLit {
    const TYPE: &'static str = "house.lamp-lit.v1";
    fn subject(&self) -> String {
        self.room.clone()
    }
}

/// Adds up the watts of each room. It does not know lamps without watts until it is mended.
#[derive(Clone, Default)]
struct Meter {
    is_mended: Arc<AtomicBool>,
}

impl Handler for Meter {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        for event in events {
            let Some(LampLit { room, watts }) = event.read()? else { continue };
            if watts == 0 && !self.is_mended.load(Relaxed) {
                return Err(Failure::permanent("a lamp without watts"));
            }
            let query = "INSERT INTO rooms VALUES ($1, $2)
                         ON CONFLICT (room) DO UPDATE SET watts = rooms.watts + EXCLUDED.watts";
            sqlx::query(query).bind(room).bind(watts).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// Counts the duplicates that the inbox refuses.
#[derive(Default)]
struct Duplicates(AtomicUsize);

impl Observer for Duplicates {
    fn duplicates(&self, number: usize) {
        self.0.fetch_add(number, Relaxed);
    }
}

#[tokio::main]
#[allow(dead_code)] // a test runs `run` with servers of its own
async fn main() -> Outcome {
    run(&std::env::var("CARTWHEEL_RABBITMQ_URL")?, &std::env::var("CARTWHEEL_POSTGRES_URL")?).await
}

/// Plays it from the beginning to the end.
pub async fn run(amqp_url: &str, postgres_url: &str) -> Outcome {
    // Once, by whoever sets the system up: exchanges, queues, bindings. And each service has its own database.
    let listens_to = |sources: &[&str]| sources.iter().map(ToString::to_string).collect();
    let house = Service { name: "house".into(), listens_to: listens_to(&[]) };
    let meter = Service { name: "meter".into(), listens_to: listens_to(&["house"]) };
    Topology { services: vec![house, meter] }
        .apply(&Broker::new(amqp_url, "topology"), envelope::Clock::system())
        .await?;
    let house_database = database(postgres_url, "lamps_house").await?;
    let meter_database = database(postgres_url, "lamps_meter").await?;
    let table = "CREATE TABLE rooms (room text PRIMARY KEY, watts bigint NOT NULL)";
    sqlx::query(table).execute(&meter_database).await?;

    // The two services. Usually they are two programs, each with a broker user of its own.
    let stop = CancellationToken::new();
    let house = Bus::open(Settings::new("house", amqp_url), house_database.clone()).await?;
    let relay = tokio::spawn(house.relay().run(stop.clone()));
    let (handler, duplicates) = (Meter::default(), Arc::new(Duplicates::default()));
    let settings = Settings::new("meter", amqp_url).observed_by(duplicates.clone());
    let meter = Bus::open(settings, meter_database.clone()).await?;
    let consumer = tokio::spawn(meter.consumer(handler.clone()).run(stop.clone()));

    let story = Story { house_database, outbox: house.outbox(), meter_database };
    story.an_event_is_taken().await?;
    story.an_event_comes_twice(&duplicates).await?;
    story.an_event_is_parked_and_retried(&handler).await?;

    stop.cancel();
    relay.await?;
    consumer.await?;
    Ok(())
}

struct Story {
    house_database: PgPool,
    outbox: Outbox,
    meter_database: PgPool,
}

impl Story {
    async fn an_event_is_taken(&self) -> Outcome {
        self.light("kitchen", 40, 1).await?;
        until(async || self.meter_reads("kitchen", 40).await).await?;
        println!("the house lit 40 watts in the kitchen, and the meter counts 40");
        Ok(())
    }

    async fn an_event_comes_twice(&self, duplicates: &Duplicates) -> Outcome {
        self.light("kitchen", 60, 2).await?;
        until(async || Ok(duplicates.0.load(Relaxed) > 0)).await?;
        assert!(self.meter_reads("kitchen", 100).await?, "a duplicate took effect");
        println!("60 watts more came twice; the second was refused, and the meter counts 100");
        Ok(())
    }

    async fn an_event_is_parked_and_retried(&self, handler: &Meter) -> Outcome {
        self.light("attic", 0, 1).await?;
        self.light("attic", 25, 1).await?;
        until(async || Ok(bus::parked(&self.meter_database, 10).await?.len() == 2)).await?;
        let parked = bus::parked(&self.meter_database, 10).await?;
        for event in &parked {
            let error = event.error.as_deref().unwrap_or("an earlier event of its subject");
            println!("parked: number {} of the {}, {}: {error}", event.sequence, event.subject, event.state);
        }
        self.light("cellar", 10, 1).await?;
        until(async || self.meter_reads("cellar", 10).await).await?;
        println!("the cellar goes on meanwhile");

        handler.is_mended.store(true, Relaxed);
        // It would be tried again by itself, with growing pauses. An operator need not wait for that.
        match judgement::retry(&self.meter_database, parked[0].id).await {
            Ok(()) | Err(judgement::JudgementError::NotParked(_)) => {}
            Err(error) => return Err(error.into()),
        }
        until(async || self.meter_reads("attic", 25).await).await?;
        println!("the meter is mended, number 1 of the attic was retried, and number 2 followed");
        Ok(())
    }

    /// Writes what the house does and its event in one transaction; the relay publishes it after the commit.
    async fn light(&self, room: &str, watts: i64, times: i32) -> Outcome {
        let event = LampLit { room: room.into(), watts };
        let event = self.outbox.wrap(&event, &Cause::started_by("the lamps example"))?;
        let mut transaction = self.house_database.begin().await?;
        self.outbox.append(&mut transaction, vec![event]).await?;
        for _ in 1..times {
            // What a crash between publishing and deleting does: the same event is published again.
            let again = "INSERT INTO bus.outbox (event_id, type, subject, sequence, body)
                         SELECT event_id, type, subject, sequence, body FROM bus.outbox";
            sqlx::query(again).execute(&mut *transaction).await?;
        }
        self.outbox.commit(transaction).await?;
        Ok(())
    }

    async fn meter_reads(&self, room: &str, watts: i64) -> Outcome<bool> {
        let query = "SELECT EXISTS (SELECT FROM rooms WHERE room = $1 AND watts = $2)";
        Ok(sqlx::query_scalar(query).bind(room).bind(watts).fetch_one(&self.meter_database).await?)
    }
}

/// Waits until something is so.
async fn until(condition: impl AsyncFn() -> Outcome<bool>) -> Outcome {
    let come_true = async {
        while !condition().await? {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    };
    tokio::time::timeout(Duration::from_mins(1), come_true).await?
}

/// An empty database.
async fn database(postgres_url: &str, name: &str) -> Outcome<PgPool> {
    let server = PgConnectOptions::from_str(postgres_url)?;
    let administrator = PgPool::connect_with(server.clone()).await?;
    for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        sqlx::query(AssertSqlSafe(statement)).execute(&administrator).await?;
    }
    Ok(PgPool::connect_with(server.database(name)).await?)
}
