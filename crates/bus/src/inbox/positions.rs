//! The SQL that reads, locks, moves and prunes positions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sqlx::{PgConnection, PgPool, Row};

use crate::event_key::{SubjectKey, columns};
use crate::inbox::sequence_run::SequenceRun;

/// The fast path: moves all positions at once if every run begins right behind its subject's position. False when
/// one does not; then the caller must roll back and look closer.
pub(crate) async fn advance(connection: &mut PgConnection, runs: &[SequenceRun]) -> sqlx::Result<bool> {
    let query = "WITH span AS (
             SELECT source, subject, previous, last, time, CASE WHEN final THEN bus.now() END AS ended_at
             FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::boolean[])
                  AS span (source, subject, previous, last, time, final)
         ), started AS (
             INSERT INTO bus.positions (source, subject, sequence, time, ended_at)
             SELECT source, subject, last, time, ended_at FROM span WHERE previous = 0 ORDER BY source, subject
             ON CONFLICT DO NOTHING
             RETURNING 1
         ), known AS MATERIALIZED (
             SELECT span.*, position.row FROM span
             CROSS JOIN LATERAL (
                 SELECT ctid AS row FROM bus.positions
                 WHERE positions.source = span.source AND positions.subject = span.subject
                   AND positions.sequence = span.previous OFFSET 0
             ) AS position
             WHERE span.previous > 0
         ), moved AS (
             UPDATE bus.positions AS position
             SET sequence = known.last, time = coalesce(known.time, position.time), ended_at = known.ended_at
             -- The sequence is looked at again: somebody else may have moved it, and only some releases of PostgreSQL look
             -- again at the place of a row that they waited for.
             FROM known WHERE position.ctid = known.row AND position.sequence = known.previous
             RETURNING 1
         )
         SELECT (SELECT count(*) FROM started) + (SELECT count(*) FROM moved)";
    let moved: i64 = sqlx::query_scalar(query)
        .bind(runs.iter().map(|run| run.key.source.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.key.subject.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.previous).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.last).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.time).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.is_final).collect::<Vec<_>>())
        .fetch_one(connection)
        .await?;
    Ok(usize::try_from(moved) == Ok(runs.len()))
}

/// Locks the positions of these subjects, in sorted order, and reads them. A new subject's is 0.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    keys: &BTreeSet<SubjectKey>,
) -> sqlx::Result<BTreeMap<SubjectKey, i64>> {
    let (sources, subjects) = columns(keys);
    sqlx::query(
        "INSERT INTO bus.positions (source, subject, sequence)
         SELECT source, subject, 0 FROM unnest($1::text[], $2::text[]) AS key (source, subject)
         ORDER BY source, subject
         ON CONFLICT DO NOTHING",
    )
    .bind(&sources)
    .bind(&subjects)
    .execute(&mut *connection)
    .await?;
    let rows = sqlx::query(
        "SELECT key.source, key.subject, position.sequence
         FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS key (source, subject, number)
         CROSS JOIN LATERAL (
             SELECT sequence FROM bus.positions
             WHERE positions.source = key.source AND positions.subject = key.subject OFFSET 0 FOR UPDATE
         ) AS position
         ORDER BY key.number",
    )
    .bind(&sources)
    .bind(&subjects)
    .fetch_all(connection)
    .await?;
    must_be_all(rows.len(), keys.len())?;
    Ok(rows.iter().map(|row| (SubjectKey { source: row.get(0), subject: row.get(1) }, row.get(2))).collect())
}

/// Reads how far these subjects are, without locks: a position never goes back.
pub(crate) async fn read(
    connection: &mut PgConnection,
    keys: &BTreeSet<SubjectKey>,
) -> sqlx::Result<BTreeMap<SubjectKey, i64>> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (sources, subjects) = columns(keys);
    let rows = sqlx::query(
        "SELECT key.source, key.subject, position.sequence
         FROM unnest($1::text[], $2::text[]) AS key (source, subject)
         CROSS JOIN LATERAL (
             SELECT sequence FROM bus.positions
             WHERE positions.source = key.source AND positions.subject = key.subject OFFSET 0
         ) AS position",
    )
    .bind(sources)
    .bind(subjects)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|row| (SubjectKey { source: row.get(0), subject: row.get(1) }, row.get(2))).collect())
}

/// Effects without positions would be had a second time. A row can be pruned between its insertion and its lock.
fn must_be_all(found: usize, wanted: usize) -> sqlx::Result<()> {
    if found == wanted { Ok(()) } else { Err(gone()) }
}

fn gone() -> sqlx::Error {
    sqlx::Error::Protocol("a position was deleted while it was used".to_owned())
}

/// Locks the position of one subject and reads it.
pub(crate) async fn lock_one(connection: &mut PgConnection, key: &SubjectKey) -> sqlx::Result<i64> {
    let keys = BTreeSet::from([key.clone()]);
    lock(connection, &keys).await?.get(key).copied().ok_or_else(gone)
}

/// Moves positions, whose rows the caller has locked, to the ends of these runs.
pub(crate) async fn set(connection: &mut PgConnection, runs: &[SequenceRun]) -> sqlx::Result<()> {
    let query = "WITH moved AS MATERIALIZED (
             SELECT span.*, position.row
             FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::boolean[])
                  AS span (source, subject, last, time, final)
             CROSS JOIN LATERAL (
                 SELECT ctid AS row FROM bus.positions
                 WHERE positions.source = span.source AND positions.subject = span.subject OFFSET 0
             ) AS position
         )
         UPDATE bus.positions AS position
         SET sequence = moved.last, time = coalesce(moved.time, position.time),
             ended_at = CASE WHEN moved.final THEN bus.now() END
         FROM moved WHERE position.ctid = moved.row";
    let set = sqlx::query(query)
        .bind(runs.iter().map(|run| run.key.source.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.key.subject.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.last).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.time).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.is_final).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    must_be_all(usize::try_from(set.rows_affected()).unwrap_or(usize::MAX), runs.len())
}

/// Moves positions to the ends of these runs, whatever they were, but never back.
pub(crate) async fn pass_over(pool: &PgPool, runs: &[SequenceRun]) -> sqlx::Result<()> {
    let query = "INSERT INTO bus.positions AS position (source, subject, sequence, time, ended_at)
         SELECT source, subject, last, time, CASE WHEN final THEN bus.now() END
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::boolean[])
              AS passed (source, subject, last, time, final)
         ORDER BY source, subject
         ON CONFLICT (source, subject) DO UPDATE
         SET sequence = EXCLUDED.sequence, time = coalesce(EXCLUDED.time, position.time), ended_at = EXCLUDED.ended_at
         WHERE position.sequence < EXCLUDED.sequence";
    sqlx::query(query)
        .bind(runs.iter().map(|run| run.key.source.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.key.subject.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.last).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.time).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.is_final).collect::<Vec<_>>())
        .execute(pool)
        .await?;
    Ok(())
}

/// Few at a time, so that nobody waits for the locks.
const PRUNED_AT_ONCE: i64 = 1000;

/// Deletes the positions of subjects that ended so long ago that none of their events can come again. Passes over
/// those that are being used right now or have parked events, and over all while the log is being read, which may have such
/// an event.
pub(crate) async fn prune(pool: &PgPool, after: Duration) -> sqlx::Result<u64> {
    let query = "DELETE FROM bus.positions WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM bus.positions
             WHERE ended_at < bus.now() - make_interval(secs => $1)
               AND NOT EXISTS (SELECT FROM bus.catching_up)
               AND NOT EXISTS (SELECT FROM bus.parked
                               WHERE parked.source = positions.source AND parked.subject = positions.subject)
             ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))";
    let mut pruned = 0;
    loop {
        let deleted = sqlx::query(query).bind(after.as_secs_f64()).bind(PRUNED_AT_ONCE).execute(pool).await?;
        pruned += deleted.rows_affected();
        if deleted.rows_affected() == 0 {
            return Ok(pruned);
        }
    }
}
