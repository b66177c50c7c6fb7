//! The SQL that parks events and removes them.

use std::collections::BTreeSet;
use std::time::Duration;

use envelope::After;
use sqlx::{PgConnection, Row};

use crate::event_key::{EventKey, SubjectKey, columns};
use crate::incoming::Incoming;
use crate::parking::retry_delay;
use crate::parking::state::ParkedState;

/// A longer error text says no more.
const ERROR_LENGTH: usize = 2000;

/// Which of these subjects have parked events. To be asked only after their positions are locked: an event may be
/// parked by another instance until then.
pub(crate) async fn blocked<'a>(
    connection: &mut PgConnection,
    keys: impl IntoIterator<Item = &'a SubjectKey>,
) -> sqlx::Result<BTreeSet<SubjectKey>> {
    let (sources, subjects) = columns(keys);
    let rows = sqlx::query(
        "SELECT key.source, key.subject FROM unnest($1::text[], $2::text[]) AS key (source, subject)
         CROSS JOIN LATERAL (
             SELECT FROM bus.parked WHERE parked.source = key.source AND parked.subject = key.subject LIMIT 1
         ) AS any_parked",
    )
    .bind(sources)
    .bind(subjects)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|row| SubjectKey { source: row.get(0), subject: row.get(1) }).collect())
}

/// Parks events that wait for an earlier one, or to be tried alone. Those that are parked already stay as they are. The
/// caller [settles](crate::parking::first_of_subject::settle) their subjects.
pub(crate) async fn park_waiting(connection: &mut PgConnection, events: &[&Incoming]) -> sqlx::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO bus.parked (source, subject, sequence, previous, event_id, type, body, is_snapshot,
                                 after_source, after_subject, after_sequence, state, parked_at)
         SELECT *, 'waiting', bus.now()
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::boolean[],
                     $9::text[], $10::text[], $11::bigint[])
         ON CONFLICT DO NOTHING",
    )
    .bind(events.iter().map(|event| event.key.source.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.key.subject.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.key.sequence).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.previous_if_told()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.event_id.as_deref()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.body.as_slice()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.is_snapshot()).collect::<Vec<_>>())
    .bind(after(events, |after| after.source.as_str()))
    .bind(after(events, |after| after.subject.as_str()))
    .bind(after(events, |after| after.sequence))
    .execute(connection)
    .await?;
    Ok(())
}

/// A part of what each of these must not overtake.
fn after<'a, T>(events: &[&'a Incoming], part: impl Fn(&'a After) -> T) -> Vec<Option<T>> {
    events.iter().map(|event| event.after.as_ref().map(&part)).collect()
}

/// Parks an event that just failed for the first time.
pub(crate) async fn park_failed(
    connection: &mut PgConnection,
    event: &Incoming,
    error: &str,
) -> sqlx::Result<()> {
    park_waiting(connection, &[event]).await?;
    note_failure(connection, &event.key, 1, error).await
}

/// Parks an event that leaves out what was taken, for an operator.
pub(crate) async fn park_conflicting(connection: &mut PgConnection, event: &Incoming) -> sqlx::Result<()> {
    park_waiting(connection, &[event]).await?;
    let error = format!("it follows number {} though later ones were taken", event.previous);
    update(connection, &event.key, ParkedState::Failed, 0, None, Some(error)).await
}

/// Notes that a parked event failed at this attempt, and when the next one is due.
pub(crate) async fn note_failure(
    connection: &mut PgConnection,
    key: &EventKey,
    attempts: i32,
    error: &str,
) -> sqlx::Result<()> {
    // PostgreSQL's texts hold no NUL.
    let error = error.chars().filter(|c| *c != '\0').take(ERROR_LENGTH).collect();
    let delay = retry_delay::after(attempts);
    update(connection, key, ParkedState::Failed, attempts, delay, Some(error)).await
}

/// Writes what is known of a parked event. The next attempt is due after `delay`, or when an operator says so.
pub(super) async fn update(
    connection: &mut PgConnection,
    EventKey { source, subject, sequence }: &EventKey,
    state: ParkedState,
    attempts: i32,
    delay: Option<Duration>,
    error: Option<String>,
) -> sqlx::Result<()> {
    let query = "UPDATE bus.parked
                 SET state = $4, attempts = $5, next_attempt = bus.now() + make_interval(secs => $6), error = $7
                 WHERE source = $1 AND subject = $2 AND sequence = $3";
    let query = sqlx::query(query).bind(source).bind(subject).bind(sequence).bind(state.name());
    let delay = delay.map(|delay| delay.as_secs_f64());
    query.bind(attempts).bind(delay).bind(error).execute(connection).await?;
    Ok(())
}

/// Deletes the subject's parked events up to a position.
pub(crate) async fn remove_until(
    connection: &mut PgConnection,
    key: &SubjectKey,
    position: i64,
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bus.parked WHERE source = $1 AND subject = $2 AND sequence <= $3")
        .bind(&key.source)
        .bind(&key.subject)
        .bind(position)
        .execute(connection)
        .await?;
    Ok(())
}
