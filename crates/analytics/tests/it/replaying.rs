//! An hour of real traffic gives what plain SQL over the raw data gives, whatever comes late, twice, or is cut off.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use envelope::{Cause, Clock, Envelope};
use service::columns;
use sqlx::PgPool;

use crate::baskets::{Addition, busiest_hour};
use crate::support::{COUNTED, Publisher, Setup, added};

/// One figure: how finely, when, of what, and how much.
type Figures = BTreeMap<(String, DateTime<Utc>, String), String>;

#[tokio::test]
async fn an_hour_of_real_traffic_gives_what_sql_over_the_raw_data_gives() {
    let setup = Setup::new().await;
    let additions = an_hour();
    let raw = write_raw(&setup, &additions).await;
    let cart = setup.publisher("cart").await;
    let instance = setup.start(&[]).await;
    let events = events(&cart, &additions);
    let number = i64::try_from(events.len()).unwrap();
    for some in late(events).chunks(200) {
        cart.publish(some.to_vec()).await;
    }
    setup.until_counted(number, 0).await;
    assert_eq!(counted(&setup.pool).await, expected(&raw).await);
    instance.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn what_is_published_twice_and_counted_by_instances_that_die_counts_once() {
    let setup = Setup::new().await;
    let additions = an_hour();
    let raw = write_raw(&setup, &additions).await;
    let cart = setup.publisher("cart").await;
    keep_what_is_published(&cart).await;
    let events = events(&cart, &additions);
    let number = i64::try_from(events.len()).unwrap();
    let mut instance = Some(setup.start(&SMALL).await);
    for (published, some) in events.chunks(150).enumerate() {
        cart.publish(some.to_vec()).await;
        // While it counts.
        if published % 2 == 0 {
            instance.take().unwrap().kill();
            instance = Some(setup.start(&SMALL).await);
        }
    }
    setup.until(COUNTED, number).await;
    publish_all_again(&cart).await;
    setup.until_counted(number, number).await;
    assert_eq!(counted(&setup.pool).await, expected(&raw).await);
    instance.unwrap().stop().await;
    setup.end().await;
}

const SMALL: [&str; 4] = ["--analytics-batch", "20", "--analytics-gather-ms", "5"];

/// The busiest hour, as if it were the last one that is over.
fn an_hour() -> Vec<Addition> {
    let now = Clock::system().now();
    let begins = now - TimeDelta::seconds(now.timestamp() % 3600) - TimeDelta::hours(2);
    let additions = busiest_hour(begins);
    assert!(additions.len() > 1_000);
    additions
}

fn events(cart: &Publisher, additions: &[Addition]) -> Vec<Envelope> {
    let event = |addition: &Addition| {
        let Addition { cart: id, sku, quantity, price, time } = addition;
        cart.caused(*time, &added(*id, sku, *quantity, *price), &Cause::started_by("a test"))
    };
    additions.iter().map(event).collect()
}

/// The same events, of which a fifth come last.
fn late(events: Vec<Envelope>) -> Vec<Envelope> {
    let (late, in_time): (Vec<_>, Vec<_>) =
        events.into_iter().enumerate().partition(|(place, _)| place % 5 == 0);
    in_time.into_iter().chain(late).map(|(_, event)| event).collect()
}

/// Keeps the outbox's rows, so that they can be published once more.
async fn keep_what_is_published(cart: &Publisher) {
    let keep = "CREATE TABLE kept AS SELECT * FROM bus.outbox WHERE false;
                CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN INSERT INTO kept SELECT NEW.*; RETURN NEW; END $$;
                CREATE TRIGGER keep AFTER INSERT ON bus.outbox FOR EACH ROW EXECUTE FUNCTION keep();";
    sqlx::raw_sql(keep).execute(&cart.pool).await.unwrap();
}

async fn publish_all_again(cart: &Publisher) {
    let again = "DROP TRIGGER keep ON bus.outbox;
                 INSERT INTO bus.outbox OVERRIDING SYSTEM VALUE SELECT * FROM kept ORDER BY id;";
    sqlx::raw_sql(again).execute(&cart.pool).await.unwrap();
}

/// The raw data as a table of its own, in another database.
async fn write_raw(setup: &Setup, additions: &[Addition]) -> PgPool {
    let raw = PgPool::connect(&setup.space.database("raw").await).await.unwrap();
    let table =
        "CREATE TABLE additions (cart uuid, sku text, quantity bigint, price bigint, time timestamptz)";
    sqlx::query(table).execute(&raw).await.unwrap();
    let insert = sqlx::query(
        "INSERT INTO additions SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[])",
    );
    let insert = columns!(insert, for addition in additions =>
        addition.cart, addition.sku.as_str(), addition.quantity, addition.price, addition.time);
    insert.execute(&raw).await.unwrap();
    raw
}

/// What plain SQL over the raw data gives.
async fn expected(raw: &PgPool) -> Figures {
    let query = "SELECT resolution, date_trunc(resolution, time, 'UTC') AS start, what, sum(value)::text
                 FROM additions
                 CROSS JOIN unnest(ARRAY['minute', 'hour', 'day']) AS resolution
                 CROSS JOIN LATERAL (VALUES
                     ('additions ', 1::numeric), ('units-added ', quantity), ('value-added GBP', quantity * price),
                     ('additions of ' || sku, 1), ('units of ' || sku, quantity)
                 ) AS measure (what, value)
                 GROUP BY 1, 2, 3";
    figures(raw, query).await
}

/// What was counted.
async fn counted(pool: &PgPool) -> Figures {
    let query = "SELECT resolution, start, measure || ' ' || currency, value::text FROM figures
                 WHERE measure IN ('additions', 'units-added', 'value-added')
                 UNION ALL
                 SELECT resolution, start, 'additions of ' || sku, additions::text FROM product_figures
                 UNION ALL
                 SELECT resolution, start, 'units of ' || sku, units::text FROM product_figures";
    figures(pool, query).await
}

async fn figures(pool: &PgPool, query: &'static str) -> Figures {
    let rows: Vec<(String, DateTime<Utc>, String, String)> =
        sqlx::query_as(query).fetch_all(pool).await.unwrap();
    assert!(rows.len() > 1_000, "{} figures", rows.len());
    rows.into_iter().map(|(resolution, start, what, value)| ((resolution, start, what), value)).collect()
}
