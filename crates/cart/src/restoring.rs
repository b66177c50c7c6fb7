//! What the cart does after its database was restored from a backup: its own events are its facts.

use std::collections::BTreeMap;

use bus::{Failure, OwnEvents};
use envelope::Envelope;
use sqlx::PgConnection;

use crate::inactivity_timers::look_at_once;
use crate::store;

/// The carts' facts.
pub struct Facts;

impl OwnEvents for Facts {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let imported = store::import(connection, events).await;
        let carts = imported.map_err(|error| match error.downcast::<sqlx::Error>() {
            Ok(error) => error.into(),
            Err(error) => Failure::permanent(error),
        })?;
        // The backup's timers know nothing of these changes.
        Ok(look_at_once(connection, &carts).await?)
    }

    async fn last_numbers(
        &self,
        subjects: &[&str],
        connection: &mut PgConnection,
    ) -> sqlx::Result<Option<BTreeMap<String, i64>>> {
        store::versions_of(connection, subjects).await.map(Some)
    }
}
