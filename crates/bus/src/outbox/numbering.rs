//! The SQL that gives events their numbers.

use std::collections::BTreeMap;

use envelope::Envelope;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::error::OutboxError;
use crate::epoch::next_number;
use crate::event_key::{SubjectKey, columns};

/// How many numbers a subject needs, and whether its last event is among them.
#[derive(Default)]
struct Wanted {
    numbers: i64,
    ends: bool,
}

/// Gives the events that have no number yet the next ones of their subjects. Fails when a subject has ended.
pub(super) async fn number(
    connection: &mut PgConnection,
    events: &mut [Envelope],
    floor: i64,
) -> Result<(), OutboxError> {
    let wanted = wanted(events)?;
    if wanted.is_empty() {
        return Ok(());
    }
    let mut next = reserve(connection, &wanted, floor).await?;
    for event in events.iter_mut().filter(|event| event.sequence == 0) {
        let key = SubjectKey::of(event);
        let Some(last) = next.get_mut(&key) else {
            return Err(OutboxError::Ended { origin: key.source, subject: key.subject });
        };
        number_after(event, *last, floor);
        *last = event.sequence;
    }
    Ok(())
}

/// Gives an event the number that follows the subject's last one, in the epoch above this floor.
pub(super) fn number_after(event: &mut Envelope, last: i64, floor: i64) {
    event.sequence = next_number(last, floor);
    event.previous = (last != event.sequence - 1).then_some(last);
}

fn wanted(events: &[Envelope]) -> Result<BTreeMap<SubjectKey, Wanted>, OutboxError> {
    let mut wanted: BTreeMap<SubjectKey, Wanted> = BTreeMap::new();
    for event in events.iter().filter(|event| event.sequence == 0) {
        let key = SubjectKey::of(event);
        let of_subject = wanted.entry(key.clone()).or_default();
        if of_subject.ends {
            return Err(OutboxError::Ended { origin: key.source, subject: key.subject });
        }
        of_subject.numbers += 1;
        of_subject.ends = event.is_final;
    }
    Ok(wanted)
}

/// Returns the last number before these of each subject that has not ended.
async fn reserve(
    connection: &mut PgConnection,
    wanted: &BTreeMap<SubjectKey, Wanted>,
    floor: i64,
) -> sqlx::Result<BTreeMap<SubjectKey, i64>> {
    let (sources, subjects) = columns(wanted.keys());
    // Sorted, so that two transactions lock common subjects in the same order.
    let rows = sqlx::query(
        "INSERT INTO bus.sequences AS known (source, subject, last, ended_at)
         SELECT source, subject, $5 + number, CASE WHEN ends THEN bus.now() END
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[]) AS wanted (source, subject, number, ends)
         ORDER BY source, subject
         ON CONFLICT (source, subject) DO UPDATE SET
             last = greatest(known.last, $5) + EXCLUDED.last - $5, ended_at = EXCLUDED.ended_at,
             before_epoch = CASE WHEN known.last < $5 THEN known.last ELSE known.before_epoch END
         WHERE known.ended_at IS NULL
         RETURNING source, subject, last, before_epoch",
    )
    .bind(sources)
    .bind(subjects)
    .bind(wanted.values().map(|wanted| wanted.numbers).collect::<Vec<_>>())
    .bind(wanted.values().map(|wanted| wanted.ends).collect::<Vec<_>>())
    .bind(floor)
    .fetch_all(connection)
    .await?;
    let before = |row: &PgRow| {
        let key = SubjectKey { source: row.get(0), subject: row.get(1) };
        let before = row.get::<i64, _>(2) - wanted.get(&key).map_or(0, |wanted| wanted.numbers);
        (key, if before == floor { row.get(3) } else { before })
    };
    Ok(rows.iter().map(before).collect())
}
