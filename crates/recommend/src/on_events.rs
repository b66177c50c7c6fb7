//! What recommend does on which event: it keeps what is in the carts, and appends what the model learns to the journal.

mod effects;

use std::collections::BTreeMap;

use bus::{Failure, Handler};
use envelope::Envelope;
use events::cart::{CartDeleted, CartExpired, CartMerged, CartSnapshot};
use sqlx::PgConnection;
use uuid::Uuid;

use self::effects::{BatchEffects, ItemState};
use crate::store::{self, CartItem};

/// Handles events of carts, products and stock.
pub struct Recommend;

impl Handler for Recommend {
    const PROJECTS: bool = true;

    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let carts = carts_told_whole(events)?;
        let known =
            if carts.is_empty() { BTreeMap::new() } else { store::skus_in(connection, &carts).await? };
        let effects = BatchEffects::read(events, known)?;
        let (mut present, mut removed) = (Vec::new(), Vec::new());
        for ((cart, sku), item) in &effects.items {
            match item {
                Some(ItemState { quantity, added_at }) => {
                    present.push(CartItem { cart: *cart, sku, quantity: *quantity, added_at: *added_at });
                }
                None => removed.push((*cart, sku.as_str())),
            }
        }
        store::write_items(connection, &present).await?;
        store::delete_items(connection, &removed).await?;
        // Last, since nobody else can append until this is committed.
        let changes = effects.changes(connection).await?;
        store::append(connection, &changes).await?;
        Ok(())
    }

    async fn clear(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        store::clear(connection).await
    }
}

/// The carts of which some of these events tell all that is in them.
fn carts_told_whole(events: &[&Envelope]) -> Result<Vec<Uuid>, Failure> {
    let mut carts = Vec::new();
    for event in events {
        let tells = event.is::<CartSnapshot>()
            || event.is::<CartMerged>()
            || event.is::<CartDeleted>()
            || event.is::<CartExpired>();
        if tells {
            carts.push(event.subject.parse().map_err(|error: uuid::Error| Failure::permanent(error))?);
        }
    }
    Ok(carts)
}
