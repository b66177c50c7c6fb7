//! Months go by in a shop: what is not kept for good is deleted, in every table of every service, as docs/operations.md says
//! under "What grows".

mod law;
mod month;

use std::collections::BTreeMap;
use std::time::Duration;

use events::PARTICIPANTS;
use sqlx::AssertSqlSafe;
use testkit::{eventually, turn_clock};

use crate::harness::TestShop;
use law::{Law, Laws};

/// Long enough for what is done every minute.
const PATIENCE: Duration = Duration::from_mins(3);
/// What is kept for longest is kept for 70 days, and suggestions begin once something was learned: from this month on there is
/// as much of everything as there ever is.
const STEADY: u32 = 5;
const MONTHS: u32 = 8;

/// The rows of each service's tables.
type Rows = BTreeMap<(&'static str, String), i64>;

#[tokio::test]
#[ignore = "eight months of a shop: for the nightly run"]
async fn over_months_what_is_not_kept_for_good_is_deleted() {
    let laws = Laws::documented();
    let mut shop = TestShop::with_all().await;
    shop.sell(&month::SKUS).await;
    let mut ends: Vec<Rows> = Vec::new();
    for month in 1..=MONTHS {
        month::happens(&shop, month).await;
        let ahead = Duration::from_hours(u64::from(month) * 32 * 24);
        for service in services() {
            turn_clock(&shop.database(service).await, ahead).await;
        }
        month::ends(&mut shop, month).await;
        let steady = ends.get(..STEADY as usize).map(most);
        let what = format!("after month {month} no table has more rows than its law says");
        let found = eventually(&what, PATIENCE, async || {
            let rows = rows(&shop).await;
            let excess = steady.as_ref().map_or_else(Vec::new, |steady| grown(&laws, steady, &rows));
            if excess.is_empty() {
                Some(rows)
            } else {
                println!("month {month}: {excess:?}");
                None
            }
        });
        ends.push(found.await);
    }
    kept_for_good_grow_evenly(&laws, &ends);
    shop.end().await;
}

fn services() -> [&'static str; PARTICIPANTS.len()] {
    PARTICIPANTS.map(|participant| participant.service)
}

/// Counts them. Partitions of a table are counted as one.
async fn rows(shop: &TestShop) -> Rows {
    let mut rows = Rows::new();
    for service in services() {
        let pool = shop.database(service).await;
        let tables = "SELECT format('%I.%I', nspname, relname), CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname
                      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                      WHERE relkind IN ('r', 'p') AND NOT relispartition AND relname NOT LIKE '%migrations'
                        AND nspname !~ '^pg_|^information_schema$'";
        let tables: Vec<(String, String)> = sqlx::query_as(tables).fetch_all(&pool).await.unwrap();
        for (table, name) in tables {
            let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            rows.insert((service, name), sqlx::query_scalar(count).fetch_one(&pool).await.unwrap());
        }
        pool.close().await;
    }
    rows
}

/// The most rows that each table had: of what comes and goes, as the sessions of instances, there may be none for a moment.
fn most(ends: &[Rows]) -> Rows {
    let mut most = Rows::new();
    for (table, rows) in ends.iter().flatten() {
        let before = most.entry(table.clone()).or_default();
        *before = (*before).max(*rows);
    }
    most
}

/// The tables that are not kept for good, and have more rows than at the end of the first months.
fn grown<'a>(laws: &Laws, before: &Rows, rows: &'a Rows) -> Vec<(&'a (&'static str, String), i64, i64)> {
    let shrink = rows.iter().filter(|((service, table), _)| laws.of(service, table) == Law::Shrinks);
    let pairs = shrink.map(|(table, now)| (table, before.get(table).copied().unwrap_or_default(), *now));
    pairs.filter(|(_, before, now)| now > before).collect()
}

/// A month like those before adds no more than they did.
fn kept_for_good_grow_evenly(laws: &Laws, ends: &[Rows]) {
    let [.., first, second, third] = ends else { panic!("three months at least") };
    for (table, now) in third {
        if laws.of(table.0, &table.1) == Law::Kept {
            let (grew, grows) = (second[table] - first[table], now - second[table]);
            assert!(grows <= grew, "{table:?} grew by {grew}, then by {grows}");
        }
    }
}
