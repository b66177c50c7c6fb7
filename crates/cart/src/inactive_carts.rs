//! Looks at carts in which nothing was changed for some time. Who calls it when is for a timer to say.

use bus::{Outbox, OutboxError};
use chrono::{DateTime, Utc};
use envelope::Cause;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::cart::{Cart, Lapse, Periods};
use crate::fact::Fact;
use crate::store::{self, CartChange};

/// Says what is due of these carts by the database's clock, in the caller's transaction, and returns when each is to be
/// looked at again: also one that can't be read. Those that are not among them have ended, or never were.
///
/// The carts' rows are locked, in sorted order, so no change comes between what is decided and what is written; a command
/// that was decided before sees that the version has moved, and is decided again.
pub(crate) async fn lapse(
    connection: &mut PgConnection,
    outbox: &Outbox,
    carts: &[Uuid],
    periods: Periods,
) -> Result<Vec<(Uuid, DateTime<Utc>)>, OutboxError> {
    let open = store::lock_open_carts(connection, carts).await?;
    let carts = store::readable_carts(connection, &open.iter().copied().collect()).await?;
    let last_changes = store::last_changes(connection, &open).await?;
    let now = store::now(connection).await?;
    let unreadable = open.iter().filter(|open| carts.iter().all(|(id, _)| id != *open));
    let mut next_looks: Vec<_> = unreadable.map(|id| (*id, now + periods.quiet)).collect();
    let mut changes = Vec::new();
    for (id, cart) in carts {
        let Some(since) = last_changes.get(&id) else { continue };
        let Lapse { facts, next_look } = cart.lapse(id, *since, now, periods);
        next_looks.extend(next_look.map(|at| (id, at)));
        if !facts.is_empty() {
            changes.push(change(outbox, id, cart, &facts)?);
        }
    }
    if !changes.is_empty() {
        store::write_locked(connection, outbox, &mut changes).await?;
    }
    Ok(next_looks)
}

fn change(outbox: &Outbox, id: Uuid, mut cart: Cart, facts: &[Fact]) -> Result<CartChange, OutboxError> {
    let mut change = CartChange::of(id, Some(cart.version), &cart);
    for fact in facts {
        let event = fact.wrap(outbox, &Cause::started_by("a cart's timer"))?;
        change.take(outbox.number_after(cart.version, event), fact, &mut cart);
    }
    change.cart = cart;
    Ok(change)
}
