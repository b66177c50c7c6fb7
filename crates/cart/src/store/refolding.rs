use std::collections::BTreeSet;

use futures::{Stream, TryStreamExt, stream};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::states::set_states;
use super::view::{LINES, SAVED_LINES, upsert_lines, upsert_shoppers};
use crate::cart::{Cart, State};
use crate::fact::Fact;

/// Forgets what was folded into the rows of carts.
macro_rules! clear_states {
    () => {
        "UPDATE carts
         SET note = NULL, is_quiet = false, is_abandoned = false, ended = NULL, merged_into = NULL"
    };
}

/// Drops the read view and folds it again from all events. Returns how many carts have events.
///
/// Writers wait meanwhile, since they must neither see nor change a half-folded view.
pub async fn refold(pool: &PgPool) -> anyhow::Result<u64> {
    let mut reader = pool.acquire().await?;
    let mut writer = pool.begin().await?;
    sqlx::query("LOCK TABLE carts, lines, saved_lines, shoppers IN EXCLUSIVE MODE")
        .execute(&mut *writer)
        .await?;
    sqlx::query("TRUNCATE lines, saved_lines, shoppers, cart_snapshots").execute(&mut *writer).await?;
    sqlx::query(concat!(
        clear_states!(),
        " WHERE note IS NOT NULL OR ended IS NOT NULL OR is_quiet OR is_abandoned"
    ))
    .execute(&mut *writer)
    .await?;
    let mut events =
        sqlx::query("SELECT cart_id, version, type, data::text FROM cart_events ORDER BY cart_id, version")
            .fetch(&mut *reader);
    let carts = fold(&mut events, &mut writer).await?;
    bus::commit(writer).await?;
    Ok(carts)
}

/// Folds the read view of these carts again, from all their events.
pub(super) async fn refold_some(connection: &mut PgConnection, carts: &BTreeSet<Uuid>) -> anyhow::Result<()> {
    let ids: Vec<Uuid> = carts.iter().copied().collect();
    let rows = sqlx::query(
        "SELECT cart_id, version, type, data::text FROM cart_events
         WHERE cart_id = ANY($1) ORDER BY cart_id, version",
    );
    let rows = rows.bind(&ids).fetch_all(&mut *connection).await?;
    for forget in [
        "DELETE FROM lines WHERE cart_id = ANY($1)",
        "DELETE FROM saved_lines WHERE cart_id = ANY($1)",
        "DELETE FROM shoppers WHERE cart_id = ANY($1)",
        "DELETE FROM cart_snapshots WHERE cart_id = ANY($1)",
        concat!(clear_states!(), " WHERE id = ANY($1)"),
    ] {
        sqlx::query(forget).bind(&ids).execute(&mut *connection).await?;
    }
    fold(stream::iter(rows.into_iter().map(Ok)), connection).await?;
    Ok(())
}

/// Folds events that are ordered by cart and version, and writes each cart. Returns how many carts there are.
async fn fold(
    mut events: impl Stream<Item = sqlx::Result<PgRow>> + Unpin,
    writer: &mut PgConnection,
) -> anyhow::Result<u64> {
    let mut carts = 0;
    let mut current: Option<(Uuid, Cart)> = None;
    while let Some(row) = events.try_next().await? {
        let cart_id: Uuid = row.get(0);
        if current.as_ref().is_none_or(|(id, _)| *id != cart_id) {
            carts += 1;
            if let Some(folded) = current.replace((cart_id, Cart::default())) {
                put(writer, &folded).await?;
            }
        }
        if let Some((_, cart)) = &mut current {
            cart.apply(row.get(1), &Fact::read(row.get(2), row.get(3))?);
        }
    }
    if let Some(folded) = current {
        put(writer, &folded).await?;
    }
    Ok(carts)
}

async fn put(connection: &mut PgConnection, (cart_id, cart): &(Uuid, Cart)) -> sqlx::Result<()> {
    let lines: Vec<_> = cart.lines.iter().map(|line| (*cart_id, line)).collect();
    upsert_lines(connection, LINES, &lines).await?;
    let saved: Vec<_> = cart.saved.iter().map(|line| (*cart_id, line)).collect();
    upsert_lines(connection, SAVED_LINES, &saved).await?;
    if cart.state != State::default() {
        set_states(connection, &[(*cart_id, &cart.state)]).await?;
    }
    let shopper: Vec<_> = cart.shopper.iter().map(|shopper| (*cart_id, shopper)).collect();
    upsert_shoppers(connection, &shopper).await
}
