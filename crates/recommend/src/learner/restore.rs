//! The model as the database has it: the last saved snapshot, and the changes since.

use anyhow::Context;
use sqlx::PgPool;
use tokio::task::spawn_blocking;

use crate::model::Model;
use crate::store::{self, JournalPosition, JournalRead};

/// The model from the last saved snapshot, and the journal's position after it; an empty model if there is none.
///
/// # Errors
/// When the database or the snapshot can't be read.
pub async fn saved(pool: &PgPool) -> anyhow::Result<(JournalPosition, Model)> {
    let (position, parts) = store::load_snapshot(pool).await.context("reading the snapshot")?;
    if parts.is_empty() {
        return Ok((position, Model::default()));
    }
    let model = spawn_blocking(move || Model::deserialize(&parts)).await?;
    let model = model.context("the snapshot can't be read; 'cartwheel rebuild recommend' makes a new one")?;
    Ok((position, model))
}

/// The model as an instance that starts now would learn it. Nothing is written.
///
/// # Errors
/// When the database or the snapshot can't be read.
pub async fn restored(pool: &PgPool) -> anyhow::Result<Model> {
    let (mut position, mut model) = saved(pool).await?;
    while let JournalRead::Next { changes, left, .. } = position.read(pool).await? {
        for change in &changes {
            model.learn(change);
        }
        if left == 0 {
            break;
        }
    }
    model.refresh(usize::MAX);
    Ok(model)
}
