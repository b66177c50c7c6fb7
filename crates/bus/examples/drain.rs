//! How fast one consumer drains a queue: publishes 50,000 events of 5,000 subjects, and then has one consumer take
//! them, with a handler that writes a row for each.
//!
//! ```sh
//! ./cartwheel servers -- cargo run --release -p cartwheel-bus --example drain
//! ```
//! It drops and creates the databases `drain_orders` and `drain_billing`, and creates its queues in the default virtual
//! host.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::str::FromStr;
use std::time::{Duration, Instant};

use cartwheel_bus::envelope::{Cause, Clock, Envelope, EventType};
use cartwheel_bus::{Broker, Bus, Failure, Handler, Service, Settings, Topology};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

const ORDERS: &str = "drain.orders";
const EVENTS: i64 = 50_000;
const SUBJECTS: i64 = 5_000;
const AT_ONCE: i64 = 1_000;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    customer: String,
    amount: i64,
}

impl EventType for OrderPlaced {
    const TYPE: &'static str = "orders.order-placed.v1";
    const AGGREGATE: &'static str = ORDERS;
    fn subject(&self) -> String {
        self.customer.clone()
    }
}

struct Billing;

impl Handler for Billing {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let (mut customers, mut amounts) = (Vec::new(), Vec::new());
        for event in events {
            let Some(placed) = event.read::<OrderPlaced>()? else { continue };
            customers.push(placed.customer);
            amounts.push(placed.amount);
        }
        let query = "INSERT INTO invoices SELECT * FROM unnest($1::text[], $2::bigint[])";
        sqlx::query(query).bind(customers).bind(amounts).execute(connection).await?;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let amqp = std::env::var("CARTWHEEL_RABBITMQ_URL")?;
    let postgres = std::env::var("CARTWHEEL_POSTGRES_URL")?;
    let orders = Service { name: "drainorders".into(), publishes: vec![ORDERS.into()], listens_to: vec![] };
    let billing = Service { name: "drainbilling".into(), publishes: vec![], listens_to: vec![ORDERS.into()] };
    let topology = Topology { services: vec![orders, billing], ..Topology::default() };
    topology.apply(&Broker::new(&amqp, "topology"), Clock::system()).await?;
    let (orders_database, billing_database) =
        (database(&postgres, "drain_orders").await?, database(&postgres, "drain_billing").await?);
    sqlx::query("CREATE TABLE invoices (customer text, amount bigint)").execute(&billing_database).await?;
    let stop = CancellationToken::new();

    let orders =
        Bus::open(Settings::new("drainorders", &amqp).publishes([ORDERS]), orders_database.clone()).await?;
    let billing = Bus::open(Settings::new("drainbilling", &amqp), billing_database.clone()).await?;
    let relay = tokio::spawn(orders.relay().run(stop.clone()));
    let outbox = orders.outbox();
    for first in (0..EVENTS).step_by(usize::try_from(AT_ONCE)?) {
        let mut transaction = orders_database.begin().await?;
        let order =
            |number: i64| OrderPlaced { customer: format!("customer {}", number % SUBJECTS), amount: number };
        let events: Result<Vec<_>, _> = (first..first + AT_ONCE)
            .map(|number| outbox.wrap(&order(number), &Cause::started_by("the drain example")))
            .collect();
        outbox.append(&mut transaction, events?).await?;
        outbox.commit(transaction).await?;
    }
    until(&orders_database, "SELECT count(*) FROM bus.outbox", 0).await?;

    let began = Instant::now();
    let consumer = tokio::spawn(billing.consumer(Billing).run(stop.clone()));
    until(&billing_database, "SELECT count(*) FROM invoices", EVENTS).await?;
    let seconds = began.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss)]
    let rate = EVENTS as f64 / seconds;
    println!("{EVENTS} events in {seconds:.2} s: {rate:.0}/s");
    stop.cancel();
    relay.await?;
    consumer.await?;
    Ok(())
}

async fn until(pool: &PgPool, query: &'static str, expected: i64) -> Outcome {
    while sqlx::query_scalar::<_, i64>(query).fetch_one(pool).await? != expected {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
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
