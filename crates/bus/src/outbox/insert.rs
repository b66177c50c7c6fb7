//! The SQL that writes events into the outbox.

use envelope::Envelope;
use sqlx::PgConnection;

use super::error::OutboxError;
use crate::invalid_event::InvalidEvent;

/// Writes events that have their numbers.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    events: Vec<Envelope>,
    max_bytes: usize,
) -> Result<(), OutboxError> {
    let mut ids = Vec::with_capacity(events.len());
    let mut kinds = Vec::with_capacity(events.len());
    let mut sources = Vec::with_capacity(events.len());
    let mut subjects = Vec::with_capacity(events.len());
    let mut sequences = Vec::with_capacity(events.len());
    let mut previous = Vec::with_capacity(events.len());
    let mut bodies = Vec::with_capacity(events.len());
    for event in events {
        let body = serde_json::to_vec(&event)?;
        if body.len() > max_bytes {
            return Err(InvalidEvent::TooLarge { length: body.len(), limit: max_bytes }.into());
        }
        bodies.push(body);
        ids.push(event.id);
        kinds.push(event.kind);
        sources.push(event.source);
        subjects.push(event.subject);
        sequences.push(event.sequence);
        previous.push(event.previous);
    }
    sqlx::query(
        "INSERT INTO bus.outbox (event_id, type, source, subject, sequence, previous, body)
         SELECT event_id, type, source, subject, sequence, previous, body
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[])
              WITH ORDINALITY AS event (event_id, type, source, subject, sequence, previous, body, place)
         ORDER BY place",
    )
    .bind(ids)
    .bind(kinds)
    .bind(sources)
    .bind(subjects)
    .bind(sequences)
    .bind(previous)
    .bind(bodies)
    .execute(connection)
    .await?;
    Ok(())
}
