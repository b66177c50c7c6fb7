//! How fast the outbox is scanned beside a long open snapshot: time and pages of a scan, with the plan that PostgreSQL
//! chooses, and by the index as the relay does it: from the beginning every few seconds, and usually from behind what was
//! deleted. Prints a table; see ADR 9.
//!
//! `DATABASE_URL=postgres://... cargo run --example outbox_beside_a_snapshot` with an empty database.

#![allow(clippy::print_stdout, reason = "it prints figures")]

use std::time::{Duration, Instant};

use cartwheel_bus::{Bus, Settings};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, PgPool, Row};

const DEAD_ROWS: i64 = 300_000;
const LIVE_ROWS: i64 = 10;
const SCANS: u32 = 20;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL")?;
    let pool = PgPool::connect(&url).await?;
    // Makes the tables; nobody connects to the broker here.
    Bus::open(Settings::new("orders", "amqp://localhost"), pool.clone()).await?;

    let mut snapshot = PgConnection::connect(&url).await?;
    sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").execute(&mut snapshot).await?;
    for _ in 0..DEAD_ROWS / 1000 {
        fill(&pool, 1000).await?;
        sqlx::query("DELETE FROM bus.outbox").execute(&pool).await?;
    }
    let start: i64 = sqlx::query_scalar("SELECT last_value FROM bus.outbox_id_seq").fetch_one(&pool).await?;
    fill(&pool, LIVE_ROWS).await?;
    sqlx::raw_sql("VACUUM ANALYZE bus.outbox").execute(&pool).await?;

    let options: PgConnectOptions = url.parse()?;
    let by_index = options.options([("enable_seqscan", "off"), ("enable_bitmapscan", "off")]);
    let relay = PgPool::connect_with(by_index).await?;
    println!("{DEAD_ROWS} dead rows, {LIVE_ROWS} live ones, a snapshot open");
    scan(&pool, "with the planner's choice", 0).await?;
    scan(&relay, "from the beginning", 0).await?;
    scan(&relay, "behind what was deleted", start).await?;
    sqlx::raw_sql("COMMIT").execute(&mut snapshot).await?;
    sqlx::raw_sql("VACUUM ANALYZE bus.outbox").execute(&pool).await?;
    println!("the snapshot closed, vacuumed");
    scan(&pool, "with the planner's choice", 0).await?;
    scan(&relay, "from the beginning", 0).await?;
    scan(&relay, "behind what was deleted", start).await?;
    Ok(())
}

async fn fill(pool: &PgPool, rows: i64) -> Result<()> {
    let fill = "INSERT INTO bus.outbox (event_id, type, subject, sequence, body)
                SELECT gen_random_uuid(), 'orders.order-placed.v1', 'dan', number, convert_to(repeat('x', 600), 'UTF8')
                FROM generate_series(1, $1) AS number";
    sqlx::query(fill).bind(rows).execute(pool).await?;
    Ok(())
}

async fn scan(pool: &PgPool, name: &str, start: i64) -> Result<()> {
    let query = "SELECT id, event_id, type, subject, sequence, body FROM bus.outbox
                 WHERE id > $1 ORDER BY id LIMIT 1000";
    let mut total = Duration::ZERO;
    for _ in 0..SCANS {
        let began = Instant::now();
        sqlx::query(query).bind(start).fetch_all(pool).await?;
        total += began.elapsed();
    }
    let plan = format!("EXPLAIN (ANALYZE, BUFFERS) {}", query.replace("$1", &start.to_string()));
    let plan = sqlx::raw_sql(sqlx::AssertSqlSafe(plan)).fetch_all(pool).await?;
    let lines: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    let scan = lines.iter().find(|line| line.contains("Scan")).map_or("", |line| line.trim());
    let pages = lines.iter().find(|line| line.contains("Buffers")).map_or("", |line| line.trim());
    println!(
        "  {name:24} {:>8.2} ms a scan   {pages}   {scan}",
        total.as_secs_f64() * 1000.0 / f64::from(SCANS)
    );
    Ok(())
}
