//! Tells the others what goes with a cart whose content changed, if that is something else than before.

use std::collections::BTreeMap;

use anyhow::Context;
use envelope::Cause;
use events::recommend::{Suggested, SuggestionsChanged};
use uuid::Uuid;

use super::Learner;
use crate::model::{Picture, Reason, Suggestion};
use crate::store;

impl Learner {
    /// Tells of each cart that changed since the last time, in one transaction with the note that it is told: once,
    /// whichever of the instances does it, and whatever crashes.
    pub(super) async fn tell(&mut self) -> anyhow::Result<()> {
        while let Some(mut telling) = store::begin_telling(&self.pool, self.learned.upto)
            .await
            .context("reading which carts changed")?
        {
            let (showcase, policy) = (self.showcase.clone(), self.options.told);
            let present = telling.carts.iter().filter(|(_, (_, there))| *there);
            let carts: Vec<Uuid> = present.map(|(cart, _)| *cart).collect();
            let lists = tokio::task::spawn_blocking(move || {
                let picture = showcase.picture();
                let list = |cart| {
                    showcase.suggestions(cart, policy).iter().filter_map(|s| wire(&picture, s)).collect()
                };
                carts.into_iter().map(|cart| (cart, list(cart))).collect::<BTreeMap<Uuid, Vec<Suggested>>>()
            })
            .await?;
            let skus =
                |list: &'_ Vec<Suggested>| list.iter().map(|suggested| suggested.sku.clone()).collect();
            let skus: BTreeMap<Uuid, Vec<String>> =
                lists.iter().map(|(cart, list)| (*cart, skus(list))).collect();
            let changed = telling.keep(&skus).await.context("keeping what is told")?;
            let events = changed.iter().filter_map(|cart| {
                let (cart_version, _) = telling.carts.get(cart)?;
                let suggestions = lists.get(cart)?.clone();
                Some(SuggestionsChanged { cart_id: *cart, cart_version: *cart_version, suggestions })
            });
            let cause = Cause::started_by("recommend");
            let events =
                events.map(|event| self.outbox.wrap(&event, &cause)).collect::<Result<Vec<_>, _>>()?;
            let mut transaction = telling.finish().await.context("noting what is told")?;
            self.outbox.append(&mut transaction, events).await?;
            self.outbox.commit(transaction).await?;
        }
        Ok(())
    }
}

fn wire(picture: &Picture, suggestion: &Suggestion) -> Option<Suggested> {
    let product = picture.product(suggestion.product)?;
    let because_of = match suggestion.reason {
        Reason::BoughtWith { product, .. } => picture.product(product).map(|product| product.sku.to_string()),
        Reason::Popular => None,
    };
    Some(Suggested { sku: product.sku.to_string(), name: product.called().to_owned(), because_of })
}
