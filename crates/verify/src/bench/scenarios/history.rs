//! A shop that has had many events.

use anyhow::Context;
use cartwheel::table::grouped;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use uuid::Uuid;

use super::growth::under_load;
use crate::bench::contestant::Contestant;
use crate::bench::figure::Figure;
use crate::bench::load::{Load, Until};
use crate::bench::plan::Plan;
use crate::bench::report::Report;
use crate::bench::requests::Requests;
use crate::bench::shop::{Shop, Size};
use crate::bench::testbed::Testbed;

const TITLE: &str = "Growth: events that carts have had, 256 clients";
const CLIENTS: usize = 256;
const EVENTS_PER_CART: usize = 10;
/// What a service has of a cart: its table, the cart's column, and what differs from one cart to the next.
const TABLES: [(&str, &str, &[&str]); 6] = [
    ("cart", "carts", &["id"]),
    ("cart", "cart_events", &["cart_id", "event_id"]),
    ("cart", "lines", &["cart_id"]),
    ("inventory", "holds", &["cart_id"]),
    ("recommend", "cart_items", &["cart_id"]),
    ("notify", "mails", &["cart_id", "event_id"]),
];
/// Who has a position of each cart.
const LISTENERS: [&str; 3] = ["inventory", "recommend", "notify"];

/// Measures Cartwheel with all services in one process.
pub async fn run(testbed: &Testbed, plan: &Plan, report: &mut Report) {
    for events in [0, plan.history] {
        match measure(testbed, plan, events).await {
            Ok(figures) => report.add(TITLE, &grouped(events), figures),
            Err(error) => report.fail(format!("{TITLE}, {}: {error:#}", grouped(events))),
        }
    }
}

async fn measure(testbed: &Testbed, plan: &Plan, events: usize) -> anyhow::Result<Vec<Figure>> {
    let shop = Shop::start(testbed, Contestant::Cartwheel, Size::default()).await?;
    if events > 0 {
        let requests = Requests::new(shop.urls("cart"), 1)?;
        let cart = requests.open().await?;
        for product in 0..EVENTS_PER_CART {
            requests.add(&cart, product).await?;
        }
        shop.settle().await?;
        multiply(&shop, cart.id, events / EVENTS_PER_CART).await?;
        shop.settle().await?;
    }
    let load = Load::usual(CLIENTS, Until::Elapsed(plan.duration));
    under_load(testbed, shop, load).await
}

/// Has every service know as many carts as if each had been filled as this one.
async fn multiply(shop: &Shop, cart: Uuid, carts: usize) -> anyhow::Result<()> {
    for (service, table, own) in TABLES {
        let mut database = connect(shop, service).await?;
        let query = "SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
                     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''";
        let columns: Vec<String> = sqlx::query_scalar(query).bind(table).fetch_one(&mut database).await?;
        let (names, id) = (columns.join(", "), own.first().context("no column of the cart")?);
        let value = |column: &String| match own.iter().position(|one| one == column) {
            Some(0) => "md5(number::text)::uuid".to_owned(),
            Some(_) => "gen_random_uuid()".to_owned(),
            None => column.clone(),
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let values = values.join(", ");
        insert(
            &mut database,
            &format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table}, generate_series(1, {carts}) AS number WHERE {id} = '{cart}'"),
            table,
        )
        .await?;
    }
    for service in LISTENERS {
        let mut database = connect(shop, service).await?;
        let statement = format!(
            "INSERT INTO bus.positions (source, subject, sequence, time)
             SELECT source, md5(number::text)::uuid::text, sequence, time
             FROM bus.positions, generate_series(1, {carts}) AS number
             WHERE subject = '{cart}' AND source = '{}'",
            events::cart::CartEvent::AGGREGATE.source()
        );
        insert(&mut database, &statement, "bus.positions").await?;
    }
    Ok(())
}

async fn connect(shop: &Shop, service: &str) -> anyhow::Result<PgConnection> {
    let options: PgConnectOptions = shop.database_url(service)?.parse()?;
    Ok(options.disable_statement_logging().connect().await?)
}

/// Without checks of foreign keys, and so that nothing is left to tidy up while it is measured.
async fn insert(database: &mut PgConnection, statement: &str, table: &str) -> anyhow::Result<()> {
    for statement in
        ["SET session_replication_role = replica", statement, &format!("VACUUM (ANALYZE) {table}")]
    {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut *database).await?;
    }
    Ok(())
}
