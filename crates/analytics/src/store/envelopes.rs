//! The index of the event log: what each event is, and where it is.

use bus::Logged;
use envelope::Envelope;
use service::columns;
use sqlx::PgConnection;

/// An event and its place in the log.
pub struct IndexedEvent<'a> {
    /// The event.
    pub event: &'a Envelope,
    offset: i64,
    index: i32,
    bytes: i32,
}

impl<'a> IndexedEvent<'a> {
    /// An event of the log; none, if the message is not one.
    pub fn of(logged: &'a Logged) -> Option<Self> {
        let whole = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        let event = logged.event().ok()?;
        let (index, bytes) = (whole(logged.index), whole(logged.body().len()));
        Some(Self { event, offset: logged.offset, index, bytes })
    }
}

/// Writes events into the index.
pub(super) async fn insert(connection: &mut PgConnection, events: &[IndexedEvent<'_>]) -> sqlx::Result<()> {
    let insert = sqlx::query(
        "INSERT INTO envelopes (time, id, source, type, subject, sequence, correlation_id, causation_id,
                                log_offset, log_index, bytes)
         SELECT * FROM unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[],
                              $7::text[], $8::uuid[], $9::bigint[], $10::int[], $11::int[])",
    );
    columns!(insert, for indexed in events =>
        indexed.event.time, indexed.event.id, indexed.event.source.as_str(), indexed.event.kind.as_str(),
        indexed.event.subject.as_str(), indexed.event.sequence, indexed.event.cause.correlation_id.as_str(),
        indexed.event.cause.causation_id, indexed.offset, indexed.index, indexed.bytes)
    .execute(connection)
    .await?;
    Ok(())
}
