//! Publishes again what goes with the carts.

use std::sync::Arc;

use bus::Outbox;
use envelope::Cause;
use events::recommend::{Suggested, SuggestionEvent, SuggestionsChanged};
use sqlx::PgPool;
use uuid::Uuid;

use crate::learner::{restored, suggested_for};
use crate::model::{ModelHandle, Policy};
use crate::store;

/// Publishes a snapshot of each cart's suggestions: those that were published last, as products are named now. Returns how
/// many carts there are.
///
/// # Errors
/// When the database can't be read or written.
pub async fn republish(pool: &PgPool, outbox: &Outbox, policy: Policy) -> anyhow::Result<usize> {
    let handle = Arc::<ModelHandle>::default();
    restored(pool).await?.publish_through(handle.clone());
    outbox
        .republish(pool, SuggestionEvent::AGGREGATE.name(), async |connection, carts| {
            let carts: Vec<Uuid> = carts.iter().map(|cart| cart.parse()).collect::<Result<_, _>>()?;
            let versions = store::cart_versions(connection, &carts).await?;
            let mut published = store::published(connection, &carts).await?;
            let cause = Cause::started_by("republish");
            let mut events = Vec::with_capacity(carts.len());
            for cart_id in carts {
                let chosen = suggested_for(&handle, cart_id, policy);
                let skus = published.remove(&cart_id).unwrap_or_default();
                let suggestions = skus.iter().filter_map(|sku| suggested(&handle, &chosen, sku)).collect();
                let cart_version = versions.get(&cart_id).copied().unwrap_or_default();
                let changed = SuggestionsChanged { cart_id, cart_version, suggestions };
                events.push(outbox.wrap(&changed, &cause)?.as_snapshot());
            }
            anyhow::Ok(events)
        })
        .await
}

/// A product that was suggested, with its reason if that is still the same.
fn suggested(handle: &ModelHandle, chosen: &[Suggested], sku: &str) -> Option<Suggested> {
    if let Some(suggested) = chosen.iter().find(|suggested| suggested.sku == sku) {
        return Some(suggested.clone());
    }
    let snapshot = handle.snapshot();
    let product = snapshot.product(snapshot.id(sku)?)?;
    Some(Suggested { sku: sku.to_owned(), name: product.display_name().to_owned(), because_of: None })
}
