//! The index's partitions, one for each day.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

/// Makes sure that there is a partition for each of these times. In the transaction that needs them, so that none is missing
/// that another one believes to be there.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    times: impl Iterator<Item = DateTime<Utc>>,
) -> sqlx::Result<()> {
    let days: BTreeSet<NaiveDate> = times.map(|time| time.date_naive()).collect();
    let names: Vec<String> = days.iter().map(|day| name(*day)).collect();
    let there = sqlx::query_scalar("SELECT to_regclass(name) IS NOT NULL FROM unnest($1::text[]) AS name");
    let there: Vec<bool> = there.bind(&names).fetch_all(&mut *connection).await?;
    for (day, name) in
        days.into_iter().zip(names).zip(there).filter_map(|(day, there)| (!there).then_some(day))
    {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
        // Only from a date.
        let create = format!(
            "CREATE TABLE {name} PARTITION OF envelopes FOR VALUES FROM ('{day} 00:00:00Z') TO ('{next} 00:00:00Z')"
        );
        sqlx::query(AssertSqlSafe(create)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Drops the partitions of days before this one. Returns how many.
pub(super) async fn drop_before(connection: &mut PgConnection, day: NaiveDate) -> sqlx::Result<usize> {
    let old = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class
         JOIN pg_inherits ON inhrelid = pg_class.oid
         WHERE inhparent = 'envelopes'::regclass AND relname < $1",
    );
    let old: Vec<String> = old.bind(name(day)).fetch_all(&mut *connection).await?;
    for name in &old {
        // Only what `prepare` has made.
        sqlx::query(AssertSqlSafe(format!("DROP TABLE {name}"))).execute(&mut *connection).await?;
    }
    Ok(old.len())
}

fn name(day: NaiveDate) -> String {
    day.format("envelopes_%Y%m%d").to_string()
}
