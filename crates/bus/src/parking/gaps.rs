//! The SQL that finds gaps: subjects whose next event is missing while later ones wait.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::event_key::{EventKey, SubjectKey, columns};
use crate::inbox::positions;
use crate::inbox::sequence_run::SequenceRun;
use crate::parking::first_of_subject;
use crate::transaction::commit_sound;

/// The most gaps that share one reading of the log.
const TOGETHER: i64 = 20_000;

/// Events that are missing, while one waits for them: of its own subject, or of another that it must not overtake.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    /// The subject of those that are missing.
    pub key: SubjectKey,
    /// Their numbers.
    pub first: i64,
    pub last: i64,
    /// The event that waits for them.
    pub waiting: EventKey,
    /// When the last event before them happened.
    pub since: Option<DateTime<Utc>>,
}

impl Gap {
    /// Whether the event waits for others of its own subject.
    fn is_its_own(&self) -> bool {
        self.key == SubjectKey::from(&self.waiting)
    }

    fn error(&self) -> String {
        let Self { key: SubjectKey { source, subject }, first, last, .. } = self;
        if !self.is_its_own() {
            return format!(
                "waits for number {last} of '{subject}' from {source}, which is parked itself, or neither the queue nor the \
                 event log has it"
            );
        }
        let missing = if first == last { first.to_string() } else { format!("{first} to {last}") };
        format!("waits for {missing}, which neither the queue nor the event log has")
    }
}

/// The time until which a gap must have been noticed not to have closed by itself within `timeout`.
pub(crate) async fn old_enough(pool: &PgPool, timeout: Duration) -> sqlx::Result<DateTime<Utc>> {
    let query = sqlx::query_scalar("SELECT bus.now() - make_interval(secs => $1)");
    query.bind(timeout.as_secs_f64()).fetch_one(pool).await
}

/// The oldest of the gaps that were noticed until then, are still there, and were not searched for yet; and until when
/// those were noticed, which is earlier if there are too many for one search.
pub(crate) async fn find(
    pool: &PgPool,
    noticed_until: DateTime<Utc>,
) -> sqlx::Result<(Vec<Gap>, DateTime<Utc>)> {
    let query = "SELECT candidate.source, candidate.subject, coalesce(position.sequence, 0) + 1,
                        earliest.previous, position.time, candidate.id,
                        candidate.id = earliest.id AND NOT earliest.is_next, candidate.gap_since, earliest.sequence,
                        after_source, after_subject, coalesce(other.sequence, 0) + 1, after_sequence, other.time
                 FROM (SELECT id, source, subject, sequence, gap_since, after_source, after_subject, after_sequence
                       FROM bus.parked WHERE gap_since <= $1 ORDER BY gap_since LIMIT $2) AS candidate
                 LEFT JOIN LATERAL (
                     SELECT sequence, time FROM bus.positions
                     WHERE positions.source = after_source AND positions.subject = after_subject OFFSET 0
                 ) AS other ON true
                 LEFT JOIN LATERAL (
                     SELECT sequence, time FROM bus.positions
                     WHERE positions.source = candidate.source AND positions.subject = candidate.subject OFFSET 0
                 ) AS position ON true
                 CROSS JOIN LATERAL bus.first_parked(candidate.source, candidate.subject,
                                                     coalesce(position.sequence, 0)) AS earliest";
    let rows = sqlx::query(query).bind(noticed_until).bind(TOGETHER).fetch_all(pool).await?;
    let mut noticed_until = noticed_until;
    if i64::try_from(rows.len()) == Ok(TOGETHER) {
        // Those of the last moment may not all be here.
        let last: Option<DateTime<Utc>> = rows.iter().map(|row| row.get(7)).max();
        noticed_until = last.map_or(noticed_until, |last| last - TimeDelta::microseconds(1));
    }
    let mut gaps = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| row.get::<DateTime<Utc>, _>(7) <= noticed_until) {
        if row.get(6) {
            gaps.push(gap(row));
        } else {
            let key = SubjectKey { source: row.get(0), subject: row.get(1) };
            first_of_subject::put_right(pool, &key, row.get(5)).await?;
        }
    }
    Ok((gaps, noticed_until))
}

/// What comes before the event in its own subject is missing; or if not that, what it must not overtake.
fn gap(row: &PgRow) -> Gap {
    let own = SubjectKey { source: row.get(0), subject: row.get(1) };
    let waiting = EventKey::new(&own, row.get(8));
    let (first, last): (i64, i64) = (row.get(2), row.get(3));
    if first <= last {
        return Gap { key: own, first, last, since: row.get(4), waiting };
    }
    let other = SubjectKey { source: row.get(9), subject: row.get(10) };
    Gap { key: other, first: row.get(11), last: row.get(12), since: row.get(13), waiting }
}

/// Those of the gaps behind which a snapshot of the subject waits: it makes up for what is missing.
pub(crate) async fn before_snapshots<'a>(pool: &PgPool, gaps: &'a [Gap]) -> sqlx::Result<Vec<&'a Gap>> {
    // What waits for another subject goes on when that one does.
    let gaps: Vec<&Gap> = gaps.iter().filter(|gap| gap.is_its_own()).collect();
    let (sources, subjects) = columns(gaps.iter().map(|gap| &gap.key));
    let lasts: Vec<i64> = gaps.iter().map(|gap| gap.last).collect();
    let query = "SELECT gap.number FROM unnest($1::text[], $2::text[], $3::bigint[])
                     WITH ORDINALITY AS gap (source, subject, last, number)
                 CROSS JOIN LATERAL (
                     SELECT FROM bus.parked
                     WHERE parked.source = gap.source AND parked.subject = gap.subject
                       AND parked.sequence > gap.last AND is_snapshot LIMIT 1
                 ) AS snapshot";
    let query = sqlx::query_scalar(query).bind(sources).bind(subjects).bind(lasts);
    Ok(numbered(&gaps, &query.fetch_all(pool).await?))
}

/// Passes over what is missing before a snapshot, if that is so, and takes what is between as next. Returns whether it
/// was so.
pub(crate) async fn pass_over_before_snapshot(pool: &PgPool, gap: &Gap) -> sqlx::Result<bool> {
    let mut transaction = pool.begin().await?;
    let position = positions::lock_one(&mut transaction, &gap.key).await?;
    let query = "SELECT EXISTS (SELECT FROM bus.parked
                                WHERE source = $1 AND subject = $2 AND sequence > $3 AND is_snapshot)";
    let query = sqlx::query_scalar(query).bind(&gap.key.source).bind(&gap.key.subject).bind(gap.last);
    let has_snapshot: bool = query.fetch_one(&mut *transaction).await?;
    if !has_snapshot || position >= gap.last {
        return Ok(false);
    }
    positions::set(&mut transaction, &[SequenceRun::missing(gap.key.clone(), position, gap.last)]).await?;
    first_of_subject::settle(&mut transaction, [&gap.key]).await?;
    commit_sound(transaction).await?;
    Ok(true)
}

/// Notes that the events before these are nowhere to be found, where that is still so: an operator must decide. Returns
/// which.
pub(crate) async fn note_missing<'a>(pool: &PgPool, gaps: &'a [Gap]) -> sqlx::Result<Vec<&'a Gap>> {
    let gaps: Vec<&Gap> = gaps.iter().collect();
    let (sources, subjects) = columns(gaps.iter().map(|gap| &gap.key));
    let lasts: Vec<i64> = gaps.iter().map(|gap| gap.last).collect();
    let waiting: Vec<SubjectKey> = gaps.iter().map(|gap| SubjectKey::from(&gap.waiting)).collect();
    let (waiting_sources, waiting_subjects) = columns(&waiting);
    let waiting_numbers: Vec<i64> = gaps.iter().map(|gap| gap.waiting.sequence).collect();
    let errors: Vec<String> = gaps.iter().map(|gap| gap.error()).collect();
    let query = "WITH missing AS MATERIALIZED (
                     SELECT gap.number, gap.error, first.id
                     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[])
                         WITH ORDINALITY AS gap (source, subject, last, waiting_source, waiting_subject, waiting, error,
                                                 number)
                     CROSS JOIN LATERAL (
                         SELECT id FROM bus.parked
                         WHERE parked.source = gap.waiting_source AND parked.subject = gap.waiting_subject
                           AND parked.sequence = gap.waiting AND parked.gap_since IS NOT NULL
                         -- Whoever has locked it settles it.
                         OFFSET 0 FOR UPDATE SKIP LOCKED
                     ) AS first
                     LEFT JOIN LATERAL (
                         SELECT sequence FROM bus.positions
                         WHERE positions.source = gap.source AND positions.subject = gap.subject OFFSET 0
                     ) AS position ON true
                     WHERE coalesce(position.sequence, 0) < gap.last
                 )
                 UPDATE bus.parked SET error = missing.error, gap_since = NULL FROM missing
                 WHERE parked.id = ANY (ARRAY(SELECT id FROM missing)) AND parked.id = missing.id
                 RETURNING missing.number";
    let query = sqlx::query_scalar(query).bind(sources).bind(subjects).bind(lasts);
    let query = query.bind(waiting_sources).bind(waiting_subjects).bind(waiting_numbers).bind(errors);
    Ok(numbered(&gaps, &query.fetch_all(pool).await?))
}

/// Those with these numbers, which count from 1.
fn numbered<'a>(gaps: &[&'a Gap], numbers: &[i64]) -> Vec<&'a Gap> {
    let of = |number: &i64| gaps.get(usize::try_from(number - 1).ok()?).copied();
    numbers.iter().filter_map(of).collect()
}
