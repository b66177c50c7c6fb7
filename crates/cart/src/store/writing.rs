use std::collections::{BTreeMap, BTreeSet};

use bus::{Outbox, OutboxError};
use envelope::Envelope;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::idempotency::{Answered, remember};
use crate::cart::{Cart, Line, Shopper};

/// What a batch of commands did to one cart.
pub(crate) struct Change {
    pub cart_id: Uuid,
    /// The version that the commands were decided on; `None` for a new cart.
    pub expected: Option<i64>,
    /// The cart as it is now.
    pub cart: Cart,
    /// The products whose lines changed or went.
    pub touched: BTreeSet<String>,
    /// The facts as numbered events, in order.
    pub events: Vec<Envelope>,
}

/// Why a batch was not written. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Conflict {
    /// Somebody else changed one of the carts, or used one of the keys, meanwhile: decide again.
    #[error("somebody else was quicker")]
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

/// Writes what a batch of commands did: events, outbox, view and answers, in one transaction.
pub(crate) async fn write(
    pool: &PgPool,
    outbox: &Outbox,
    mut changes: Vec<Change>,
    answers: &[Answered],
) -> Result<(), Conflict> {
    changes.sort_by_key(|change| change.cart_id);
    let mut transaction = pool.begin().await?;
    // First the carts' rows: their locks order everything else, also the numbers of the events in the outbox.
    open(&mut transaction, &changes).await?;
    move_versions(&mut transaction, &changes).await?;
    remember(&mut transaction, answers).await?;
    let events: Vec<Envelope> =
        changes.iter_mut().flat_map(|change| std::mem::take(&mut change.events)).collect();
    append(&mut transaction, &events).await?;
    put_lines(&mut transaction, &changes).await?;
    put_shoppers(&mut transaction, &changes).await?;
    outbox.append(&mut transaction, events).await?;
    outbox.commit(transaction).await?;
    Ok(())
}

async fn open(connection: &mut PgConnection, changes: &[Change]) -> sqlx::Result<()> {
    let new: Vec<&Change> = changes.iter().filter(|change| change.expected.is_none()).collect();
    if new.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO carts (id, version) SELECT * FROM unnest($1::uuid[], $2::bigint[])")
        .bind(new.iter().map(|change| change.cart_id).collect::<Vec<_>>())
        .bind(new.iter().map(|change| change.cart.version).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Every cart must still have the version that was decided on.
async fn move_versions(connection: &mut PgConnection, changes: &[Change]) -> Result<(), Conflict> {
    let known: Vec<(Uuid, i64, i64)> = changes
        .iter()
        .filter_map(|change| change.expected.map(|expected| (change.cart_id, expected, change.cart.version)))
        .collect();
    if known.is_empty() {
        return Ok(());
    }
    let moved = sqlx::query(
        "UPDATE carts SET version = change.version
         FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS change (id, expected, version)
         WHERE carts.id = change.id AND carts.version = change.expected",
    )
    .bind(known.iter().map(|change| change.0).collect::<Vec<_>>())
    .bind(known.iter().map(|change| change.1).collect::<Vec<_>>())
    .bind(known.iter().map(|change| change.2).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    if usize::try_from(moved.rows_affected()) == Ok(known.len()) { Ok(()) } else { Err(Conflict::Outrun) }
}

async fn append(connection: &mut PgConnection, events: &[Envelope]) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO cart_events (cart_id, version, event_id, type, data, time)
         SELECT cart_id::uuid, version, event_id, type, data::json, time
         FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
              AS event (cart_id, version, event_id, type, data, time)",
    )
    .bind(events.iter().map(|event| event.subject.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.sequence).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.id).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.data.get()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.time).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

async fn put_lines(connection: &mut PgConnection, changes: &[Change]) -> sqlx::Result<()> {
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for change in changes {
        let lines: BTreeMap<&str, &Line> =
            change.cart.lines.iter().map(|line| (line.sku.as_str(), line)).collect();
        for sku in &change.touched {
            match lines.get(sku.as_str()) {
                Some(line) => there.push((change.cart_id, *line)),
                None => gone.push((change.cart_id, sku.as_str())),
            }
        }
    }
    delete_lines(connection, &gone).await?;
    upsert_lines(connection, &there).await
}

async fn delete_lines(connection: &mut PgConnection, lines: &[(Uuid, &str)]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    sqlx::query("DELETE FROM lines WHERE (cart_id, sku) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))")
        .bind(lines.iter().map(|line| line.0).collect::<Vec<_>>())
        .bind(lines.iter().map(|line| line.1).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Also for the fold of a whole history.
pub(super) async fn upsert_lines(connection: &mut PgConnection, lines: &[(Uuid, &Line)]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO lines (cart_id, sku, place, name, unit_price, currency, quantity)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::bigint[])
         ON CONFLICT (cart_id, sku) DO UPDATE SET
             place = EXCLUDED.place, name = EXCLUDED.name, unit_price = EXCLUDED.unit_price,
             currency = EXCLUDED.currency, quantity = EXCLUDED.quantity",
    )
    .bind(lines.iter().map(|(cart_id, _)| *cart_id).collect::<Vec<_>>())
    .bind(lines.iter().map(|(_, line)| line.sku.as_str()).collect::<Vec<_>>())
    .bind(lines.iter().map(|(_, line)| line.place).collect::<Vec<_>>())
    .bind(lines.iter().map(|(_, line)| line.name.as_str()).collect::<Vec<_>>())
    .bind(lines.iter().map(|(_, line)| line.unit_price.amount).collect::<Vec<_>>())
    .bind(lines.iter().map(|(_, line)| line.unit_price.currency.code()).collect::<Vec<_>>())
    .bind(lines.iter().map(|(_, line)| line.quantity).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

async fn put_shoppers(connection: &mut PgConnection, changes: &[Change]) -> sqlx::Result<()> {
    let known = changes.iter().filter_map(|change| Some((change.cart_id, change.cart.shopper.as_ref()?)));
    upsert_shoppers(connection, &known.collect::<Vec<_>>()).await
}

/// Also for the fold of a whole history.
pub(super) async fn upsert_shoppers(
    connection: &mut PgConnection,
    shoppers: &[(Uuid, &Shopper)],
) -> sqlx::Result<()> {
    if shoppers.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO shoppers (cart_id, email, language)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
         ON CONFLICT (cart_id) DO UPDATE SET email = EXCLUDED.email, language = EXCLUDED.language
         WHERE (shoppers.email, shoppers.language) <> (EXCLUDED.email, EXCLUDED.language)",
    )
    .bind(shoppers.iter().map(|(cart_id, _)| *cart_id).collect::<Vec<_>>())
    .bind(shoppers.iter().map(|(_, shopper)| shopper.email.as_str()).collect::<Vec<_>>())
    .bind(shoppers.iter().map(|(_, shopper)| shopper.language.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}
