//! Publishes again what is in the carts.

use bus::Outbox;
use chrono::{DateTime, Utc};
use envelope::{Cause, Envelope};
use events::cart::{CartQuiet, CartSnapshot, LineSnapshot, ShopperAttached};
use sqlx::PgPool;
use uuid::Uuid;

use crate::cart::Cart;
use crate::store;

const PAGE: i64 = 200;

/// Publishes a snapshot of each cart that has not ended, and whose it is. Returns how many there are.
///
/// # Errors
/// When the database can't be read or written.
pub async fn republish(pool: &PgPool, outbox: &Outbox) -> anyhow::Result<usize> {
    let (mut after, mut published) = (Uuid::nil(), 0);
    loop {
        let mut transaction = pool.begin().await?;
        let carts = store::lock_carts_after(&mut transaction, after, PAGE).await?;
        let Some((last, _)) = carts.last() else { return Ok(published) };
        after = *last;
        published += carts.len();
        let quiet = carts.iter().filter(|(_, cart)| cart.state.is_quiet).map(|(id, _)| *id);
        let since = store::last_changes(&mut transaction, &quiet.collect::<Vec<_>>()).await?;
        let (mut events, mut versions) = (Vec::new(), Vec::new());
        for (cart_id, cart) in &carts {
            let mut version = cart.version;
            for event in snapshot(*cart_id, cart, since.get(cart_id).copied(), outbox)? {
                let event = outbox.number_after(version, event);
                version = event.sequence;
                events.push(event);
            }
            versions.push((*cart_id, version));
        }
        store::set_versions(&mut transaction, &versions).await?;
        outbox.append(&mut transaction, events).await?;
        outbox.commit(transaction).await?;
    }
}

/// `quiet_since`: of a cart that is quiet, for which nothing is to be held.
fn snapshot(
    cart_id: Uuid,
    cart: &Cart,
    quiet_since: Option<DateTime<Utc>>,
    outbox: &Outbox,
) -> anyhow::Result<Vec<Envelope>> {
    let cause = Cause::started_by("republish");
    let line = |line: &crate::cart::CartLine| LineSnapshot {
        sku: line.sku.clone(),
        name: line.name.clone(),
        unit_price: line.unit_price,
        quantity: line.quantity,
    };
    let lines = cart.lines.iter().map(line).collect();
    let mut events = vec![outbox.wrap(&CartSnapshot { cart_id, lines }, &cause)?.as_snapshot()];
    if let Some(shopper) = &cart.shopper {
        let (email, language) = (shopper.email.clone(), shopper.language.clone());
        events.push(outbox.wrap(&ShopperAttached { cart_id, email, language }, &cause)?);
    }
    if let Some(since) = quiet_since {
        events.push(outbox.wrap(&CartQuiet { cart_id, since }, &cause)?);
    }
    Ok(events)
}
