//! The SQL that gives events their numbers.

use std::collections::BTreeMap;

use envelope::Envelope;
use sqlx::{PgConnection, Row};

/// Gives the events that have no number yet the next ones of their subjects.
pub(super) async fn number(connection: &mut PgConnection, events: &mut [Envelope]) -> sqlx::Result<()> {
    let mut wanted: BTreeMap<&str, i64> = BTreeMap::new();
    for event in events.iter().filter(|event| event.sequence == 0) {
        *wanted.entry(event.subject.as_str()).or_default() += 1;
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let (subjects, counts): (Vec<&str>, Vec<i64>) = wanted.into_iter().unzip();
    // Sorted, so that two transactions lock common subjects in the same order.
    let rows = sqlx::query(
        "INSERT INTO bus.sequences AS known (subject, last)
         SELECT subject, number FROM unnest($1::text[], $2::bigint[]) AS wanted (subject, number) ORDER BY subject
         ON CONFLICT (subject) DO UPDATE SET last = known.last + EXCLUDED.last
         RETURNING subject, last",
    )
    .bind(&subjects)
    .bind(&counts)
    .fetch_all(connection)
    .await?;
    let counts: BTreeMap<&str, i64> = subjects.into_iter().zip(counts).collect();
    let mut next: BTreeMap<String, i64> = rows
        .iter()
        .map(|row| {
            let (subject, last): (String, i64) = (row.get(0), row.get(1));
            let first = last - counts.get(subject.as_str()).copied().unwrap_or(0) + 1;
            (subject, first)
        })
        .collect();
    for event in events.iter_mut().filter(|event| event.sequence == 0) {
        if let Some(number) = next.get_mut(&event.subject) {
            event.sequence = *number;
            *number += 1;
        }
    }
    Ok(())
}
