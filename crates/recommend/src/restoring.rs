//! What recommend does after its database was restored from a backup. What it has learned follows from others' events; its
//! own ones tell which suggestions were published.

use std::collections::BTreeMap;

use bus::{Failure, OwnEvents};
use envelope::{Envelope, EventSet};
use events::recommend::{SuggestionEvent, SuggestionsEnded};
use sqlx::PgConnection;

use crate::store;

/// Suggestions as they were published.
pub struct Published;

impl OwnEvents for Published {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let (mut lists, mut ended) = (BTreeMap::new(), Vec::new());
        for event in events {
            match SuggestionEvent::read(event)? {
                Some(SuggestionEvent::SuggestionsChanged(changed)) => {
                    let skus: Vec<String> =
                        changed.suggestions.into_iter().map(|suggested| suggested.sku).collect();
                    lists.insert(changed.cart_id, skus);
                }
                Some(SuggestionEvent::SuggestionsEnded(SuggestionsEnded { cart_id })) => ended.push(cart_id),
                None => {}
            }
        }
        store::write_published(connection, &lists).await?;
        store::forget_published(connection, &ended).await?;
        Ok(())
    }
}
