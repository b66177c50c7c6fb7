//! The inbox: how far this service has taken each subject of each source.
//!
//! One row per subject, its *position*, refuses duplicates for ever, keeps order, and shows a hole; it doesn't grow
//! with the events. Whoever moves a position holds its row lock until the commit, so any number of instances can
//! share a queue.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool, Row};

use crate::message::{Incoming, Place};

/// A source and one of its subjects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub source: String,
    pub subject: String,
}

impl From<&Place> for Key {
    fn from(place: &Place) -> Self {
        Self { source: place.source.clone(), subject: place.subject.clone() }
    }
}

/// A run of events of one subject, without gaps.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub key: Key,
    pub first: i64,
    pub last: i64,
    /// When its last event happened, if that can be read.
    time: Option<DateTime<Utc>>,
    /// Whether nothing follows its last event.
    is_final: bool,
}

impl Span {
    /// Events that nobody has, and that are passed over.
    pub fn missing(key: Key, first: i64, last: i64) -> Self {
        Self { key, first, last, time: None, is_final: false }
    }

    fn of(event: &Incoming) -> Self {
        let Place { sequence, .. } = event.place;
        let mut span =
            Self { key: (&event.place).into(), first: sequence, last: 0, time: None, is_final: false };
        span.extend(event);
        span
    }

    fn extend(&mut self, event: &Incoming) {
        self.last = event.place.sequence;
        if let Ok(envelope) = &event.envelope {
            self.time = Some(envelope.time);
            self.is_final = envelope.is_final;
        }
    }
}

/// The spans of events that are sorted by place, or `None` when a subject has a gap or a duplicate.
pub(crate) fn spans(sorted: &[&Incoming]) -> Option<Vec<Span>> {
    let mut spans: Vec<Span> = Vec::new();
    for event in sorted {
        let place = &event.place;
        match spans.last_mut() {
            Some(span) if span.key.source == place.source && span.key.subject == place.subject => {
                if place.sequence != span.last + 1 {
                    return None;
                }
                span.extend(event);
            }
            _ => spans.push(Span::of(event)),
        }
    }
    Some(spans)
}

/// The fast path: moves all positions at once if every span begins right behind its subject's position. False when
/// one does not; then the caller must roll back and look closer.
pub(crate) async fn advance(connection: &mut PgConnection, spans: &[Span]) -> sqlx::Result<bool> {
    let query = "WITH span AS (
             SELECT source, subject, first, last, time, CASE WHEN final THEN now() END AS ended_at
             FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::boolean[])
                  AS span (source, subject, first, last, time, final)
         ), started AS (
             INSERT INTO bus.positions (source, subject, sequence, time, ended_at)
             SELECT source, subject, last, time, ended_at FROM span WHERE first = 1 ORDER BY source, subject
             ON CONFLICT DO NOTHING
             RETURNING 1
         ), moved AS (
             UPDATE bus.positions AS position
             SET sequence = span.last, time = coalesce(span.time, position.time), ended_at = span.ended_at
             FROM span
             WHERE span.first > 1 AND position.source = span.source AND position.subject = span.subject
               AND position.sequence = span.first - 1
             RETURNING 1
         )
         SELECT (SELECT count(*) FROM started) + (SELECT count(*) FROM moved)";
    let moved: i64 = sqlx::query_scalar(query)
        .bind(spans.iter().map(|span| span.key.source.as_str()).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.key.subject.as_str()).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.first).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.last).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.time).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.is_final).collect::<Vec<_>>())
        .fetch_one(connection)
        .await?;
    Ok(usize::try_from(moved) == Ok(spans.len()))
}

/// Locks the positions of these subjects, in sorted order, and reads them. A new subject's is 0.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    keys: &BTreeSet<Key>,
) -> sqlx::Result<BTreeMap<Key, i64>> {
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
        "SELECT source, subject, sequence FROM bus.positions
         WHERE (source, subject) IN (SELECT * FROM unnest($1::text[], $2::text[]))
         ORDER BY source, subject
         FOR UPDATE",
    )
    .bind(&sources)
    .bind(&subjects)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|row| (Key { source: row.get(0), subject: row.get(1) }, row.get(2))).collect())
}

/// Moves positions, whose rows the caller has locked, to the ends of these spans.
pub(crate) async fn set(connection: &mut PgConnection, spans: &[Span]) -> sqlx::Result<()> {
    let query = "UPDATE bus.positions AS position
         SET sequence = moved.last, time = coalesce(moved.time, position.time),
             ended_at = CASE WHEN moved.final THEN now() END
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::boolean[])
              AS moved (source, subject, last, time, final)
         WHERE position.source = moved.source AND position.subject = moved.subject";
    sqlx::query(query)
        .bind(spans.iter().map(|span| span.key.source.as_str()).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.key.subject.as_str()).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.last).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.time).collect::<Vec<_>>())
        .bind(spans.iter().map(|span| span.is_final).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// How far the service has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It has taken nothing yet.
    Nothing,
    /// It has taken something, but nobody wrote down when that happened.
    Unknown,
    /// When the youngest event happened that it took.
    Until(DateTime<Utc>),
}

/// Reads how far the service has come. Looks at every position: for the beginning of a session, not for each batch.
pub(crate) async fn reach(pool: &PgPool) -> sqlx::Result<Reach> {
    let query = "SELECT max(time), count(*) FROM bus.positions WHERE sequence > 0";
    let (youngest, number): (Option<DateTime<Utc>>, i64) = sqlx::query_as(query).fetch_one(pool).await?;
    Ok(match (youngest, number) {
        (_, 0) => Reach::Nothing,
        (None, _) => Reach::Unknown,
        (Some(youngest), _) => Reach::Until(youngest),
    })
}

/// Few at a time, so that nobody waits for the locks.
const PRUNED_AT_ONCE: i64 = 1000;

/// Forgets the positions of subjects that ended so long ago that none of their events can come again. Passes over
/// those that somebody is just using.
pub(crate) async fn prune(pool: &PgPool, after: Duration) -> sqlx::Result<u64> {
    let query = "DELETE FROM bus.positions WHERE (source, subject) IN (
             SELECT source, subject FROM bus.positions WHERE ended_at < $1
             ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    let mut pruned = 0;
    loop {
        let before = Utc::now() - after;
        let rows = sqlx::query(query).bind(before).bind(PRUNED_AT_ONCE).execute(pool).await?.rows_affected();
        pruned += rows;
        if rows == 0 {
            return Ok(pruned);
        }
    }
}

/// Two columns, for `unnest`.
pub(crate) fn columns<'a>(keys: impl IntoIterator<Item = &'a Key>) -> (Vec<&'a str>, Vec<&'a str>) {
    keys.into_iter().map(|key| (key.source.as_str(), key.subject.as_str())).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(subject: &str, sequence: i64) -> Incoming {
        let place = Place { source: "/s".into(), subject: subject.into(), sequence };
        Incoming::new(place, None, "t".into(), vec![])
    }

    fn spans_of(events: &[(&str, i64)]) -> Option<Vec<(String, i64, i64)>> {
        let events: Vec<Incoming> =
            events.iter().map(|(subject, sequence)| incoming(subject, *sequence)).collect();
        let spans = spans(&events.iter().collect::<Vec<_>>())?;
        Some(spans.into_iter().map(|span| (span.key.subject, span.first, span.last)).collect())
    }

    #[test]
    fn events_of_a_subject_without_a_gap_are_one_span() {
        let expected = vec![("a".into(), 3, 5), ("b".into(), 1, 1)];
        assert_eq!(spans_of(&[("a", 3), ("a", 4), ("a", 5), ("b", 1)]), Some(expected));
    }

    #[test]
    fn a_gap_or_a_duplicate_is_no_span() {
        assert_eq!(spans_of(&[("a", 3), ("a", 5)]), None);
        assert_eq!(spans_of(&[("a", 3), ("a", 3)]), None);
    }
}
