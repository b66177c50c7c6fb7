//! Events that are parked on arrival, before anybody has tried them.

use std::collections::BTreeSet;

use sqlx::PgPool;

use super::{first_of_subject, rows};
use crate::event_key::SubjectKey;
use crate::inbox::positions;
use crate::incoming::Incoming;
use crate::transaction::commit_sound;

/// Parks those that were not taken yet; returns the subjects of all.
pub(crate) async fn park_new(pool: &PgPool, events: &[&Incoming]) -> sqlx::Result<BTreeSet<SubjectKey>> {
    let mut transaction = pool.begin().await?;
    let keys: BTreeSet<SubjectKey> = events.iter().map(|event| SubjectKey::from(&event.key)).collect();
    // The locks order us after an instance that is taking the predecessor right now: either it sees what we
    // park, or the look afterwards finds the position moved.
    let positions = positions::lock(&mut transaction, &keys).await?;
    let is_new = |event: &Incoming| {
        positions.get(&SubjectKey::from(&event.key)).is_none_or(|position| event.key.sequence > *position)
    };
    let new: Vec<&Incoming> = events.iter().copied().filter(|event| is_new(event)).collect();
    rows::park_waiting(&mut transaction, &new).await?;
    first_of_subject::settle(&mut transaction, &keys).await?;
    commit_sound(transaction).await?;
    Ok(keys)
}
