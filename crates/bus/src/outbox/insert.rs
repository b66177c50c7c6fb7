//! The SQL that writes events into the outbox.

use envelope::Envelope;
use sqlx::PgConnection;

use super::error::OutboxError;

/// Writes events that have their numbers.
pub(crate) async fn insert(connection: &mut PgConnection, events: Vec<Envelope>) -> Result<(), OutboxError> {
    let mut ids = Vec::with_capacity(events.len());
    let mut kinds = Vec::with_capacity(events.len());
    let mut subjects = Vec::with_capacity(events.len());
    let mut sequences = Vec::with_capacity(events.len());
    let mut bodies = Vec::with_capacity(events.len());
    for event in events {
        bodies.push(serde_json::to_vec(&event)?);
        ids.push(event.id);
        kinds.push(event.kind);
        subjects.push(event.subject);
        sequences.push(event.sequence);
    }
    sqlx::query(
        "INSERT INTO bus.outbox (event_id, type, subject, sequence, body)
         SELECT event_id, type, subject, sequence, body
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bytea[])
              WITH ORDINALITY AS event (event_id, type, subject, sequence, body, place)
         ORDER BY place",
    )
    .bind(ids)
    .bind(kinds)
    .bind(subjects)
    .bind(sequences)
    .bind(bodies)
    .execute(connection)
    .await?;
    Ok(())
}
