//! Publishes again what is stocked, and what is held for carts.

use bus::Outbox;
use envelope::{Cause, Envelope};
use events::inventory::{HoldEvent, HoldSnapshot, HoldsSnapshot, StockChanged, StockEvent};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::store;

const CAUSE: &str = "republish";

/// Publishes a snapshot of each product's stock. Returns how many products there are.
///
/// # Errors
/// When the database can't be read or written.
pub async fn republish_stock(pool: &PgPool, outbox: &Outbox) -> anyhow::Result<usize> {
    outbox
        .republish(pool, StockEvent::AGGREGATE.name(), async |connection, skus| {
            let cause = Cause::started_by(CAUSE);
            let mut events = Vec::with_capacity(skus.len());
            let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
            for (sku, stock) in store::stock_of(connection, &skus).await? {
                let (on_hand, available) = (stock.on_hand.total(), stock.available());
                events.push(outbox.wrap(&StockChanged { sku, on_hand, available }, &cause)?.as_snapshot());
            }
            anyhow::Ok(events)
        })
        .await
}

/// Publishes a snapshot of what is held for each cart. Returns how many carts there are.
///
/// # Errors
/// When the database can't be read or written.
pub async fn republish_holds(pool: &PgPool, outbox: &Outbox) -> anyhow::Result<usize> {
    outbox
        .republish(pool, HoldEvent::AGGREGATE.name(), async |connection, carts| {
            holds(connection, outbox, &carts).await
        })
        .await
}

async fn holds(
    connection: &mut PgConnection,
    outbox: &Outbox,
    carts: &[String],
) -> anyhow::Result<Vec<Envelope>> {
    let cause = Cause::started_by(CAUSE);
    let carts: Vec<Uuid> = carts.iter().map(|cart| cart.parse()).collect::<Result<_, _>>()?;
    let all = store::all_holds(connection, &carts).await?;
    let mut events = Vec::with_capacity(carts.len());
    for cart_id in carts {
        let of_cart = all.iter().filter(|(line, hold)| line.cart_id == cart_id && !hold.lapsed);
        let holds = of_cart
            .map(|(line, hold)| HoldSnapshot {
                sku: line.sku.clone(),
                wanted: hold.wanted,
                held: hold.held.total(),
            })
            .collect();
        events.push(outbox.wrap(&HoldsSnapshot { cart_id, holds }, &cause)?.as_snapshot());
    }
    Ok(events)
}
