//! A service "orders" publishes which orders are placed, a service "billing" adds them up: an event that is taken, one
//! that comes twice, and one that can't be taken until billing is fixed.
//!
//! ```sh
//! ./cartwheel servers -- cargo run -p cartwheel-bus --example quickstart
//! ```
//! or with servers of your own in `CARTWHEEL_RABBITMQ_URL` and `CARTWHEEL_POSTGRES_URL`, as users who may declare
//! queues and create databases. It drops and creates the databases `quickstart_orders` and `quickstart_billing`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use cartwheel_bus::envelope::{Cause, Clock, Envelope, EventType};
use cartwheel_bus::parking::{self, Filter, Parked, ParkingError};
use cartwheel_bus::{Broker, Bus, Failure, Handler, Observer, Outbox, Service, Settings, Topology};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What "orders" publishes. Events of one customer keep their order.
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    customer: String,
    amount: i64,
}

impl EventType for OrderPlaced {
    const TYPE: &'static str = "orders.order-placed.v1";
    const AGGREGATE: &'static str = "orders.orders";
    fn subject(&self) -> String {
        self.customer.clone()
    }
}

/// Adds up what each customer owes. It refuses orders with an amount of 0 until it is fixed.
#[derive(Clone, Default)]
struct Billing {
    is_fixed: Arc<AtomicBool>,
}

impl Handler for Billing {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        for event in events {
            let Some(OrderPlaced { customer, amount }) = event.read()? else { continue };
            if amount == 0 && !self.is_fixed.load(Relaxed) {
                return Err(Failure::permanent("an order with an amount of 0"));
            }
            let query = "INSERT INTO accounts VALUES ($1, $2)
                         ON CONFLICT (customer) DO UPDATE SET owed = accounts.owed + EXCLUDED.owed";
            sqlx::query(query).bind(customer).bind(amount).execute(&mut *connection).await?;
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

/// Runs it from the beginning to the end.
pub async fn run(amqp_url: &str, postgres_url: &str) -> Outcome {
    // Once, when the system is set up: exchanges, queues, bindings. And each service has its own database.
    let aggregate = OrderPlaced::AGGREGATE.to_owned();
    let orders = Service { name: "orders".into(), publishes: vec![aggregate.clone()], listens_to: vec![] };
    let billing = Service { name: "billing".into(), publishes: vec![], listens_to: vec![aggregate] };
    let topology = Topology { services: vec![orders, billing], ..Topology::default() };
    topology.apply(&Broker::new(amqp_url, "topology"), Clock::system()).await?;
    let orders_database = database(postgres_url, "quickstart_orders").await?;
    let billing_database = database(postgres_url, "quickstart_billing").await?;
    let table = "CREATE TABLE accounts (customer text PRIMARY KEY, owed bigint NOT NULL)";
    sqlx::query(table).execute(&billing_database).await?;

    // The two services. Usually they are two programs, each with a broker user of its own.
    let stop = CancellationToken::new();
    let settings = Settings::new("orders", amqp_url).publishes([OrderPlaced::AGGREGATE]);
    let orders = Bus::open(settings, orders_database.clone()).await?;
    let relay = tokio::spawn(orders.relay().run(stop.clone()));
    let (handler, duplicates) = (Billing::default(), Arc::new(Duplicates::default()));
    let settings = Settings::new("billing", amqp_url).observed_by(duplicates.clone());
    let billing = Bus::open(settings, billing_database.clone()).await?;
    let consumer = tokio::spawn(billing.consumer(handler.clone()).run(stop.clone()));

    let tour = Tour { orders_database, outbox: orders.outbox(), billing_database };
    tour.an_event_is_taken().await?;
    tour.an_event_comes_twice(&duplicates).await?;
    tour.an_event_is_parked_and_retried(&handler).await?;

    stop.cancel();
    relay.await?;
    consumer.await?;
    Ok(())
}

struct Tour {
    orders_database: PgPool,
    outbox: Outbox,
    billing_database: PgPool,
}

impl Tour {
    async fn an_event_is_taken(&self) -> Outcome {
        self.place("ann", 40, 1).await?;
        until(async || self.owes("ann", 40).await).await?;
        println!("Ann placed an order of 40, and billing has 40");
        Ok(())
    }

    async fn an_event_comes_twice(&self, duplicates: &Duplicates) -> Outcome {
        let before = duplicates.0.load(Relaxed);
        self.place("ann", 60, 2).await?;
        until(async || self.owes("ann", 100).await).await?;
        until(async || Ok(duplicates.0.load(Relaxed) > before)).await?;
        assert!(self.owes("ann", 100).await?, "a duplicate took effect");
        println!("her order of 60 came twice; the second was refused, and billing has 100");
        Ok(())
    }

    async fn an_event_is_parked_and_retried(&self, handler: &Billing) -> Outcome {
        self.place("ben", 0, 1).await?;
        self.place("ben", 25, 1).await?;
        until(async || Ok(self.parked().await?.len() == 2)).await?;
        let parked = self.parked().await?;
        for event in &parked {
            let error = event.error.as_deref().unwrap_or("an earlier event of its subject");
            println!("parked: number {} of {}, {}: {error}", event.sequence, event.subject, event.state);
        }
        self.place("carol", 10, 1).await?;
        until(async || self.owes("carol", 10).await).await?;
        println!("Carol's orders are taken meanwhile");

        handler.is_fixed.store(true, Relaxed);
        // It would be tried again by itself, with growing pauses. An operator need not wait for that.
        match parking::retry(&self.billing_database, parked[0].id, None).await {
            Ok(()) | Err(ParkingError::NotParked(_)) => {}
            Err(error) => return Err(error.into()),
        }
        until(async || self.owes("ben", 25).await).await?;
        println!("billing is fixed, Ben's number 1 was retried, and number 2 followed");
        Ok(())
    }

    /// Writes the event in a transaction, as a service would together with its own rows; the relay publishes it after
    /// the commit.
    async fn place(&self, customer: &str, amount: i64, times: i32) -> Outcome {
        let event = OrderPlaced { customer: customer.into(), amount };
        let event = self.outbox.wrap(&event, &Cause::started_by("the quickstart"))?;
        let mut transaction = self.orders_database.begin().await?;
        self.outbox.append(&mut transaction, vec![event]).await?;
        for _ in 1..times {
            // What a crash between publishing and deleting does: the same event is published again.
            let again = "INSERT INTO bus.outbox (event_id, type, source, subject, sequence, body)
                         SELECT event_id, type, source, subject, sequence, body FROM bus.outbox";
            sqlx::query(again).execute(&mut *transaction).await?;
        }
        self.outbox.commit(transaction).await?;
        Ok(())
    }

    async fn owes(&self, customer: &str, amount: i64) -> Outcome<bool> {
        let query = "SELECT EXISTS (SELECT FROM accounts WHERE customer = $1 AND owed = $2)";
        Ok(sqlx::query_scalar(query).bind(customer).bind(amount).fetch_one(&self.billing_database).await?)
    }

    async fn parked(&self) -> Outcome<Vec<Parked>> {
        Ok(parking::list(&self.billing_database, &Filter::default(), 100).await?)
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
