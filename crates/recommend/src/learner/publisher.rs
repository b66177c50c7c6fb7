//! Publishes `recommend.suggestions-changed` for carts whose content changed, if other products go with them now, and
//! `recommend.suggestions-ended` for those that have ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bus::{Outbox, OutboxError};
use envelope::Cause;
use events::recommend::{Suggested, SuggestionsChanged, SuggestionsEnded};
use service::lies_in_a_row;
use sqlx::PgPool;
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tracing::error;
use uuid::Uuid;

use crate::model::{ModelHandle, ModelSnapshot, Policy, Reason, Suggestion};
use crate::store::{self, ChangedCart};

/// The number of changes per transaction: enough that a cart's changes are seldom in two of them, and few enough to finish
/// soon.
const BATCH_SIZE: i64 = 4000;
/// This many lists at once show that many carts are being filled.
const BUSY: usize = 16;
/// Then a cart's next changes get one list together.
const PAUSE: Duration = Duration::from_secs(1);

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
    /// When the next ones are published at the soonest.
    pub not_before: Instant,
}

impl Publisher {
    /// Publishes for the carts in the changes up to this one; later, while many carts are being filled. Events and progress are
    /// committed together, so each change of a list is published once, by any one of the instances, also after a crash.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn publish(&mut self, learned_upto: i64) -> anyhow::Result<()> {
        if Instant::now() < self.not_before {
            return Ok(());
        }
        let (mut most, mut lists) = (BATCH_SIZE, 0);
        loop {
            match bus::within(DATABASE_TIMEOUT, self.publish_next(learned_upto, most)).await {
                Ok(Some(published)) => {
                    lists += published;
                    most = BATCH_SIZE.min(most * 2);
                }
                Ok(None) => break,
                Err(error) if !lies_in_a_cart(&error) => return Err(error),
                Err(_) if most > 1 => most /= 2,
                Err(error) => self.pass_over(learned_upto, &error).await?,
            }
        }
        if lists >= BUSY {
            self.not_before = Instant::now() + PAUSE;
        }
        Ok(())
    }

    /// Publishes for a number of changes. Returns how many lists; none if there were no changes.
    async fn publish_next(&self, learned_upto: i64, most: i64) -> anyhow::Result<Option<usize>> {
        let publishing = store::begin_publishing(&self.pool, learned_upto, most).await;
        let Some(mut publishing) = publishing.context("reading which carts changed")? else {
            return Ok(None);
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
        let (mut transaction, ended) = publishing.finish().await.context("storing how far is published")?;
        for cart_id in ended {
            events.push(self.outbox.wrap(&SuggestionsEnded { cart_id }, &cause)?);
        }
        let published = events.len();
        self.outbox.append(&mut transaction, events).await?;
        self.outbox.commit(transaction).await?;
        Ok(Some(published))
    }

    /// Publishes nothing for the next change: it must not hold up the others.
    async fn pass_over(&self, learned_upto: i64, reason: &anyhow::Error) -> anyhow::Result<()> {
        let Some(publishing) = store::begin_publishing(&self.pool, learned_upto, 1).await? else {
            return Ok(());
        };
        let carts: Vec<&Uuid> = publishing.carts.keys().collect();
        error!(?carts, "a cart's suggestions can't be published, and are passed over: {reason:#}");
        bus::commit(publishing.finish().await?.0).await?;
        Ok(())
    }

    /// The suggestions for the carts that still exist.
    async fn lists(&self, carts: &BTreeMap<Uuid, ChangedCart>) -> anyhow::Result<Lists> {
        let carts: Vec<Uuid> = carts.iter().filter(|(_, cart)| !cart.closed).map(|(cart, _)| *cart).collect();
        let (handle, policy) = (self.handle.clone(), self.policy);
        let lists = spawn_blocking(move || {
            carts.into_iter().map(|cart| (cart, suggested_for(&handle, cart, policy))).collect()
        });
        Ok(lists.await?)
    }
}

/// Whether the fault lies in what is published for some cart.
fn lies_in_a_cart(error: &anyhow::Error) -> bool {
    match (error.downcast_ref::<sqlx::Error>(), error.downcast_ref::<OutboxError>()) {
        (Some(error), _) | (_, Some(OutboxError::Database(error))) => lies_in_a_row(error),
        (None, Some(_)) => true,
        (None, None) => false,
    }
}

/// The suggestions for a cart as events have them.
pub fn suggested_for(handle: &ModelHandle, cart: Uuid, policy: Policy) -> Vec<Suggested> {
    let snapshot = handle.snapshot();
    let suggestions = handle.suggestions(cart, policy);
    suggestions.iter().filter_map(|suggestion| suggested(&snapshot, suggestion)).collect()
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
