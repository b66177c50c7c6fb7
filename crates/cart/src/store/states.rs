//! What is to be said of a cart besides its lines and its shopper: columns of its row.

use service::columns;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::change::CartChange;
use super::erasure::delete_shoppers;
use crate::cart::{End, State};

pub(super) fn state(row: &PgRow) -> sqlx::Result<State> {
    let ended: Option<&str> = row.try_get("ended")?;
    let end = match ended {
        None => None,
        Some("merged") => Some(End::Merged(row.try_get("merged_into")?)),
        Some("deleted") => Some(End::Deleted),
        Some("expired") => Some(End::Expired),
        Some(other) => return Err(sqlx::Error::Decode(format!("unknown end '{other}'").into())),
    };
    Ok(State {
        note: row.try_get("note")?,
        is_quiet: row.try_get("is_quiet")?,
        is_abandoned: row.try_get("is_abandoned")?,
        end,
    })
}

fn end_columns(end: Option<End>) -> (Option<&'static str>, Option<Uuid>) {
    match end {
        None => (None, None),
        Some(End::Merged(into)) => (Some("merged"), Some(into)),
        Some(End::Deleted) => (Some("deleted"), None),
        Some(End::Expired) => (Some("expired"), None),
    }
}

/// Those that are different now. The carts' rows are locked.
pub(super) async fn put_states(connection: &mut PgConnection, changes: &[CartChange]) -> sqlx::Result<()> {
    let different = changes.iter().filter(|change| change.cart.state != change.state_before);
    let different: Vec<_> = different.map(|change| (change.cart_id, &change.cart.state)).collect();
    set_states(connection, &different).await?;
    let ended =
        changes.iter().filter(|change| change.cart.state.end.is_some() && change.cart.shopper.is_none());
    delete_shoppers(connection, &ended.map(|change| change.cart_id).collect::<Vec<_>>()).await
}

/// Also for the fold of a whole history.
pub(super) async fn set_states(connection: &mut PgConnection, states: &[(Uuid, &State)]) -> sqlx::Result<()> {
    if states.is_empty() {
        return Ok(());
    }
    let update = sqlx::query(
        "WITH change AS MATERIALIZED (
             SELECT cart.row, state.*
             FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::boolean[], $5::text[], $6::uuid[])
                  AS state (id, note, is_quiet, is_abandoned, ended, merged_into)
             CROSS JOIN LATERAL (SELECT ctid AS row FROM carts WHERE carts.id = state.id OFFSET 0) AS cart
         )
         UPDATE carts SET note = change.note, is_quiet = change.is_quiet, is_abandoned = change.is_abandoned,
                          ended = change.ended, merged_into = change.merged_into
         FROM change WHERE carts.ctid = change.row",
    );
    columns!(
        update,
        for (id, state) in states => *id, state.note.as_deref(), state.is_quiet, state.is_abandoned,
                                     end_columns(state.end).0, end_columns(state.end).1,
    )
    .execute(connection)
    .await?;
    Ok(())
}
