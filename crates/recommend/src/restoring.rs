//! What recommend does after its database was restored from a backup. What it has learned follows from others' events; its
//! own ones tell which suggestions were published.

use std::collections::BTreeMap;

use bus::{Failure, OwnEvents};
use envelope::Envelope;
use events::recommend::SuggestionsChanged;
use sqlx::PgConnection;

use crate::store;

/// Suggestions as they were published.
pub struct Published;

impl OwnEvents for Published {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let mut lists = BTreeMap::new();
        for event in events {
            if let Some(SuggestionsChanged { cart_id, suggestions, .. }) = event.read()? {
                let skus: Vec<String> = suggestions.into_iter().map(|suggested| suggested.sku).collect();
                lists.insert(cart_id, skus);
            }
        }
        store::write_published(connection, &lists).await?;
        Ok(())
    }
}
