//! The SQL that remembers how far the event log was searched for what is missing, and who is searching.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// How long an instance may be silent until another goes on with its search.
const CLAIM: f64 = 30.0;

/// A search of the event log, for all gaps that were there when it began.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Search {
    pub id: Uuid,
    /// Its gaps were noticed until then.
    pub gaps_until: DateTime<Utc>,
    /// The next offset to read, once one is known.
    pub next_offset: Option<i64>,
    /// From when the log is read until then; `None` for its beginning.
    pub since: Option<DateTime<Utc>>,
    /// Where the log ended when the search began; `None` if it was empty.
    pub last_offset: Option<i64>,
}

/// Whether a search is under way, and whose.
pub(crate) enum UnderWay {
    Nobodys,
    Anothers,
    Ours(Search),
}

/// Looks whether a search is under way; takes it over from an instance that has not been heard of for long.
pub(crate) async fn take_over(pool: &PgPool) -> sqlx::Result<UnderWay> {
    let query = "UPDATE bus.gap_search SET claimed_until = bus.now() + make_interval(secs => $1)
                 WHERE claimed_until < bus.now()
                 RETURNING id, gaps_until, next_offset, since, last_offset";
    let taken_over = sqlx::query_as(query).bind(CLAIM).fetch_optional(pool).await?;
    if let Some(search) = taken_over {
        return Ok(UnderWay::Ours(search));
    }
    let another = sqlx::query_scalar("SELECT EXISTS (SELECT FROM bus.gap_search)").fetch_one(pool).await?;
    Ok(if another { UnderWay::Anothers } else { UnderWay::Nobodys })
}

/// Begins a search. False when another instance was faster.
pub(crate) async fn begin(pool: &PgPool, search: &Search) -> sqlx::Result<bool> {
    let query = "INSERT INTO bus.gap_search (id, gaps_until, next_offset, since, last_offset, claimed_until)
                 VALUES ($1, $2, $3, $4, $5, bus.now() + make_interval(secs => $6)) ON CONFLICT DO NOTHING";
    let Search { id, gaps_until, next_offset, since, last_offset } = search;
    let query = sqlx::query(query).bind(id).bind(gaps_until).bind(next_offset).bind(since).bind(last_offset);
    Ok(query.bind(CLAIM).execute(pool).await?.rows_affected() == 1)
}

/// Notes how far the log was read. False when the search has ended.
pub(crate) async fn note_progress(pool: &PgPool, search: &Search) -> sqlx::Result<bool> {
    let query =
        "UPDATE bus.gap_search SET next_offset = $2, claimed_until = bus.now() + make_interval(secs => $3)
                 WHERE id = $1";
    let query = sqlx::query(query).bind(search.id).bind(search.next_offset).bind(CLAIM);
    Ok(query.execute(pool).await?.rows_affected() == 1)
}

/// Gives the search up to whoever looks first, this instance among them.
pub(crate) async fn hand_over(pool: &PgPool, id: Uuid) -> sqlx::Result<()> {
    let query = "UPDATE bus.gap_search SET claimed_until = '-infinity' WHERE id = $1";
    sqlx::query(query).bind(id).execute(pool).await?;
    Ok(())
}

/// There is nothing more to read.
pub(crate) async fn end(pool: &PgPool, id: Uuid) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bus.gap_search WHERE id = $1").bind(id).execute(pool).await?;
    Ok(())
}
