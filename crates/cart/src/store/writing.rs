use bus::{Outbox, OutboxError};
use envelope::Envelope;
use service::columns;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::change::CartChange;
use super::idempotency_keys::remember;
use super::states::put_states;
use super::view::{put_lines, put_shoppers};
use crate::idempotency::UsedKey;
use crate::inactivity_timers::InactivityTimers;

/// Why a batch was not written. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Conflict {
    /// Another instance changed one of the carts, or used one of the keys, meanwhile: decide again.
    #[error("another instance changed the same cart or used the same key")]
    Outrun,
    /// Anything else.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl From<sqlx::Error> for Conflict {
    fn from(error: sqlx::Error) -> Self {
        let unique = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
        if unique { Self::Outrun } else { Self::Outbox(error.into()) }
    }
}

/// Writes what a batch of commands did: events, outbox, view, keys and timers, in one transaction. Takes the events out of the
/// changes.
pub(crate) async fn write(
    connection: &mut PgConnection,
    outbox: &Outbox,
    looks: &InactivityTimers,
    changes: &mut [CartChange],
    keys: &[UsedKey],
) -> Result<(), Conflict> {
    changes.sort_by_key(|change| change.cart_id);
    let mut transaction = connection.begin().await?;
    // First the carts' rows: their locks order everything else, also the numbers of the events in the outbox.
    open(&mut transaction, changes).await?;
    move_versions(&mut transaction, changes).await?;
    remember(&mut transaction, keys).await?;
    looks.set_after(&mut transaction, changes).await?;
    let events = put(&mut transaction, changes).await?;
    Ok(outbox.append_and_commit(transaction, events).await?)
}

/// Writes what was decided on carts whose rows are locked.
pub(crate) async fn write_locked(
    connection: &mut PgConnection,
    outbox: &Outbox,
    changes: &mut [CartChange],
) -> Result<(), OutboxError> {
    let versions: Vec<_> = changes.iter().map(|change| (change.cart_id, change.cart.version)).collect();
    set_versions(connection, &versions).await?;
    let events = put(connection, changes).await?;
    outbox.append(connection, events).await
}

/// Facts and view. Returns the events for the outbox: the last ones of carts behind all others, so that what moves from an
/// ending cart to another one usually gets there first.
async fn put(connection: &mut PgConnection, changes: &mut [CartChange]) -> sqlx::Result<Vec<Envelope>> {
    let mut events: Vec<Envelope> =
        changes.iter_mut().flat_map(|change| std::mem::take(&mut change.events)).collect();
    append(connection, &events).await?;
    put_lines(connection, changes).await?;
    put_shoppers(connection, changes).await?;
    put_states(connection, changes).await?;
    events.sort_by_key(|event| event.is_final);
    Ok(events)
}

async fn open(connection: &mut PgConnection, changes: &[CartChange]) -> sqlx::Result<()> {
    let new: Vec<&CartChange> = changes.iter().filter(|change| change.expected.is_none()).collect();
    if new.is_empty() {
        return Ok(());
    }
    let insert =
        sqlx::query("INSERT INTO carts (id, version) SELECT * FROM unnest($1::uuid[], $2::bigint[])");
    columns!(insert, for change in new => change.cart_id, change.cart.version).execute(connection).await?;
    Ok(())
}

/// Sets the versions of carts whose rows are locked.
pub(crate) async fn set_versions(
    connection: &mut PgConnection,
    versions: &[(Uuid, i64)],
) -> sqlx::Result<()> {
    let update = sqlx::query(
        "WITH change AS MATERIALIZED (
             SELECT cart.row, change.version FROM unnest($1::uuid[], $2::bigint[]) AS change (id, version)
             CROSS JOIN LATERAL (SELECT ctid AS row FROM carts WHERE carts.id = change.id OFFSET 0) AS cart
         )
         UPDATE carts SET version = change.version FROM change WHERE carts.ctid = change.row",
    );
    columns!(update, for (id, version) in versions => *id, *version).execute(connection).await?;
    Ok(())
}

/// Every cart must still have the version that was decided on.
async fn move_versions(connection: &mut PgConnection, changes: &[CartChange]) -> Result<(), Conflict> {
    let known: Vec<(Uuid, i64, i64)> = changes
        .iter()
        .filter_map(|change| change.expected.map(|expected| (change.cart_id, expected, change.cart.version)))
        .collect();
    if known.is_empty() {
        return Ok(());
    }
    let update = sqlx::query(
        "WITH change AS MATERIALIZED (
             SELECT cart.row, change.expected, change.version
             FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS change (id, expected, version)
             CROSS JOIN LATERAL (
                 SELECT ctid AS row FROM carts WHERE carts.id = change.id AND carts.version = change.expected OFFSET 0
             ) AS cart
         )
         -- The version is looked at again: another instance may have changed it meanwhile.
         UPDATE carts SET version = change.version FROM change
         WHERE carts.ctid = change.row AND carts.version = change.expected",
    );
    let moved = columns!(update, for (id, expected, version) in known => *id, *expected, *version)
        .execute(connection)
        .await?;
    if usize::try_from(moved.rows_affected()) == Ok(known.len()) { Ok(()) } else { Err(Conflict::Outrun) }
}

/// Appends facts.
pub(super) async fn append(connection: &mut PgConnection, events: &[Envelope]) -> sqlx::Result<()> {
    let insert = sqlx::query(
        "INSERT INTO cart_events (cart_id, version, event_id, type, data, time)
         SELECT cart_id::uuid, version, event_id, type, data::json, time
         FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
              AS event (cart_id, version, event_id, type, data, time)",
    );
    columns!(
        insert,
        for event in events => event.subject.as_str(), event.sequence, event.id, event.kind.as_str(),
                               event.data.get(), event.time,
    )
    .execute(connection)
    .await?;
    Ok(())
}
