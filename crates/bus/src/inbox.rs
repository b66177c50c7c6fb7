//! The inbox: how far this service has taken each subject of each source.
//!
//! One row per subject, its *position*, refuses duplicates for ever, keeps order, and shows a hole; it doesn't grow
//! with the events. Whoever moves a position holds its row lock until the commit, so any number of instances can
//! share a queue.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{PgConnection, Row};

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
}

/// The spans of events that are sorted by place, or `None` when a subject has a gap or a duplicate.
pub(crate) fn spans(sorted: &[&Incoming]) -> Option<Vec<Span>> {
    let mut spans: Vec<Span> = Vec::new();
    for Incoming { place, .. } in sorted {
        match spans.last_mut() {
            Some(span) if span.key.source == place.source && span.key.subject == place.subject => {
                if place.sequence != span.last + 1 {
                    return None;
                }
                span.last = place.sequence;
            }
            _ => spans.push(Span { key: place.into(), first: place.sequence, last: place.sequence }),
        }
    }
    Some(spans)
}

/// The fast path: moves all positions at once if every span begins right behind its subject's position. False when
/// one does not; then the caller must roll back and look closer.
pub(crate) async fn advance(connection: &mut PgConnection, spans: &[Span]) -> sqlx::Result<bool> {
    let moved: i64 = sqlx::query_scalar(
        "WITH span AS (
             SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
                           AS span (source, subject, first, last)
         ), started AS (
             INSERT INTO bus.positions (source, subject, sequence)
             SELECT source, subject, last FROM span WHERE first = 1 ORDER BY source, subject
             ON CONFLICT DO NOTHING
             RETURNING 1
         ), moved AS (
             UPDATE bus.positions AS position SET sequence = span.last
             FROM span
             WHERE span.first > 1 AND position.source = span.source AND position.subject = span.subject
               AND position.sequence = span.first - 1
             RETURNING 1
         )
         SELECT (SELECT count(*) FROM started) + (SELECT count(*) FROM moved)",
    )
    .bind(spans.iter().map(|span| span.key.source.as_str()).collect::<Vec<_>>())
    .bind(spans.iter().map(|span| span.key.subject.as_str()).collect::<Vec<_>>())
    .bind(spans.iter().map(|span| span.first).collect::<Vec<_>>())
    .bind(spans.iter().map(|span| span.last).collect::<Vec<_>>())
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

/// Writes positions whose rows the caller has locked.
pub(crate) async fn set(connection: &mut PgConnection, positions: &BTreeMap<Key, i64>) -> sqlx::Result<()> {
    let (sources, subjects) = columns(positions.keys());
    sqlx::query(
        "UPDATE bus.positions AS position SET sequence = moved.sequence
         FROM unnest($1::text[], $2::text[], $3::bigint[]) AS moved (source, subject, sequence)
         WHERE position.source = moved.source AND position.subject = moved.subject",
    )
    .bind(sources)
    .bind(subjects)
    .bind(positions.values().copied().collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
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
