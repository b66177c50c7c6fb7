//! Both carts publish a merge, and their events come in any order: what is held for the one waits for the other.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use uuid::Uuid;

use super::cart_changes::{CartChange, CartChangeKind};
use crate::store;

/// Merges of which a batch has one event, and not the other.
#[derive(Default)]
pub(super) struct Merges {
    /// They ended before the other cart takes over what they hold.
    pub wait_for_other: BTreeSet<Uuid>,
    /// They have ended, in another batch, and what they hold was kept for the cart that takes over now.
    pub ended_before: BTreeSet<Uuid>,
}

impl Merges {
    pub async fn of(changes: &[CartChange<'_>], connection: &mut PgConnection) -> sqlx::Result<Self> {
        let (mut takes_over, mut ends) = (BTreeSet::new(), BTreeSet::new());
        for change in changes {
            if let Some(cart) = change.taken_over() {
                let events =
                    if matches!(change.kind, CartChangeKind::Ends) { &mut ends } else { &mut takes_over };
                events.insert(cart);
            }
        }
        let alone: BTreeSet<Uuid> = takes_over.symmetric_difference(&ends).copied().collect();
        let done = store::half_merged(connection, &alone).await?;
        let wait_for_other =
            ends.difference(&takes_over).filter(|cart| !done.contains(cart)).copied().collect();
        let ended_before = takes_over.intersection(&done).copied().collect();
        Ok(Self { wait_for_other, ended_before })
    }
}
