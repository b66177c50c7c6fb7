//! Publishes `recommend.suggestions-changed` for carts whose content changed, if other products go with them now.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bus::Outbox;
use envelope::Cause;
use events::recommend::{Suggested, SuggestionsChanged};
use sqlx::PgPool;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::model::{ModelHandle, ModelSnapshot, Policy, Reason, Suggestion};
use crate::store::{self, ChangedCart};

/// The suggestions of some carts.
type Lists = BTreeMap<Uuid, Vec<Suggested>>;

/// How long publishing for some changes may take.
const DATABASE_TIMEOUT: Duration = Duration::from_mins(1);

/// Publishes suggestions.
pub struct Publisher {
    pub pool: PgPool,
    pub outbox: Outbox,
    pub handle: Arc<ModelHandle>,
    /// Which suggestions are published.
    pub policy: Policy,
}

impl Publisher {
    /// Publishes for the carts in the changes up to this one. Events and progress are committed together, so each
    /// change of a list is published once, by any one of the instances, also after a crash.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn publish(&self, learned_upto: i64) -> anyhow::Result<()> {
        while bus::within(DATABASE_TIMEOUT, self.publish_some(learned_upto)).await? {}
        Ok(())
    }

    /// Returns whether there was something to publish.
    async fn publish_some(&self, learned_upto: i64) -> anyhow::Result<bool> {
        let publishing = store::begin_publishing(&self.pool, learned_upto);
        let Some(mut publishing) = publishing.await.context("reading which carts changed")? else {
            return Ok(false);
        };
        let lists = self.lists(&publishing.carts).await?;
        let skus = lists.iter().map(|(cart, list)| (*cart, skus(list))).collect();
        let changed = publishing.replace_lists(&skus).await.context("storing the carts' suggestions")?;
        let cause = Cause::started_by("recommend");
        let mut events = Vec::with_capacity(changed.len());
        for cart_id in changed {
            if let (Some(cart), Some(list)) = (publishing.carts.get(&cart_id), lists.get(&cart_id)) {
                let (cart_version, suggestions) = (cart.version, list.clone());
                let event = SuggestionsChanged { cart_id, cart_version, suggestions };
                events.push(self.outbox.wrap(&event, &cause)?);
            }
        }
        let mut transaction = publishing.finish().await.context("storing how far is published")?;
        self.outbox.append(&mut transaction, events).await?;
        self.outbox.commit(transaction).await?;
        Ok(true)
    }

    /// The suggestions for the carts that still exist.
    async fn lists(&self, carts: &BTreeMap<Uuid, ChangedCart>) -> anyhow::Result<Lists> {
        let carts: Vec<Uuid> = carts.iter().filter(|(_, cart)| !cart.closed).map(|(cart, _)| *cart).collect();
        let (handle, policy) = (self.handle.clone(), self.policy);
        let lists = spawn_blocking(move || {
            let snapshot = handle.snapshot();
            let list = |cart| -> Vec<Suggested> {
                let suggestions = handle.suggestions(cart, policy);
                suggestions.iter().filter_map(|suggestion| suggested(&snapshot, suggestion)).collect()
            };
            carts.into_iter().map(|cart| (cart, list(cart))).collect()
        });
        Ok(lists.await?)
    }
}

fn skus(list: &[Suggested]) -> Vec<String> {
    list.iter().map(|suggested| suggested.sku.clone()).collect()
}

/// A suggestion as the event has it.
fn suggested(snapshot: &ModelSnapshot, suggestion: &Suggestion) -> Option<Suggested> {
    let product = snapshot.product(suggestion.product)?;
    let because_of = match suggestion.reason {
        Reason::BoughtWith { product, .. } => {
            snapshot.product(product).map(|product| product.sku.to_string())
        }
        Reason::Popular => None,
    };
    Some(Suggested { sku: product.sku.to_string(), name: product.display_name().to_owned(), because_of })
}
