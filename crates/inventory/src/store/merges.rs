use std::collections::BTreeSet;

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// Notes that one of the two events of these merges was taken. Returns those of which the other one was taken before.
pub(crate) async fn half_merged(
    connection: &mut PgConnection,
    carts: &BTreeSet<Uuid>,
) -> sqlx::Result<BTreeSet<Uuid>> {
    if carts.is_empty() {
        return Ok(BTreeSet::new());
    }
    let insert =
        "INSERT INTO merges (cart_id, since) SELECT id, bus.now() FROM unnest($1::uuid[]) AS cart (id)
                  ON CONFLICT DO NOTHING RETURNING cart_id";
    let all: Vec<Uuid> = carts.iter().copied().collect();
    let new: Vec<Uuid> = sqlx::query_scalar(insert).bind(all).fetch_all(&mut *connection).await?;
    let done: BTreeSet<Uuid> = carts.iter().copied().filter(|cart| !new.contains(cart)).collect();
    forget_merges(&mut *connection, &done).await?;
    Ok(done)
}

/// Forgets merges of which nothing more is to be done.
pub(crate) async fn forget_merges(executor: impl PgExecutor<'_>, carts: &BTreeSet<Uuid>) -> sqlx::Result<()> {
    if carts.is_empty() {
        return Ok(());
    }
    let carts: Vec<Uuid> = carts.iter().copied().collect();
    sqlx::query("DELETE FROM merges WHERE cart_id = ANY($1)").bind(carts).execute(executor).await?;
    Ok(())
}

/// Forgets merges of which the other event doesn't come: the cart that was taken over had ended otherwise before.
pub(crate) async fn forget_old_merges(executor: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let delete = "DELETE FROM merges WHERE since < bus.now() - interval '30 days'";
    Ok(sqlx::query(delete).execute(executor).await?.rows_affected())
}
