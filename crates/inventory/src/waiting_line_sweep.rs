//! Gives what is free to those who wait, where nobody did.
//!
//! Usually, whatever frees stock gives it to the waiting lines in the same transaction, so there is nothing to do here. But
//! an instance of a release that knows no waiting line, beside this one, sets free without looking, and so does a
//! restoration.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context as _;
use bus::Outbox;
use envelope::Cause;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::outgoing_events::OutgoingEvents;
use crate::store::{self, KnownSkus};

const PERIOD: Duration = Duration::from_mins(1);
const TIMEOUT: Duration = Duration::from_mins(1);

/// Looks now, and every minute until `stop`.
pub(crate) async fn sweep_waiting_lines(pool: PgPool, outbox: Outbox, low_at: i64, stop: CancellationToken) {
    let mut every_minute = tokio::time::interval(PERIOD);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every_minute.tick() => {}
        }
        match tokio::time::timeout(TIMEOUT, fill(&pool, &outbox, low_at)).await {
            Ok(Ok(0)) => {}
            Ok(Ok(lines)) => info!(lines, "gave free stock to lines that waited for it"),
            Ok(Err(error)) => {
                warn!(error = format!("{error:#}"), "free stock was not given to those who wait");
            }
            Err(_) => warn!("giving free stock to those who wait takes long; it goes on in a minute"),
        }
    }
}

async fn fill(pool: &PgPool, outbox: &Outbox, low_at: i64) -> anyhow::Result<usize> {
    store::forget_old_merges(pool).await?;
    let mut lines = 0;
    for sku in store::free_and_waited_for(pool).await? {
        lines += fill_sku(pool, outbox, low_at, &sku).await.with_context(|| sku.clone())?;
    }
    Ok(lines)
}

async fn fill_sku(pool: &PgPool, outbox: &Outbox, low_at: i64, sku: &str) -> anyhow::Result<usize> {
    let mut transaction = pool.begin().await?;
    let skus = BTreeSet::from([sku]);
    let mut before =
        store::lock_allocation_of(&mut transaction, &skus, &BTreeSet::new(), &KnownSkus::default()).await?;
    let free = [(sku, before.available(sku))].into();
    before.add_lines(store::waiting_for(&mut transaction, &free).await?);
    let mut after = before.clone();
    let cause = Cause::started_by("waiting line");
    let mut outgoing = OutgoingEvents::new(outbox, low_at);
    let filled = after.fill(sku);
    let lines = filled.len();
    outgoing.filled(filled, &cause)?;
    outgoing.crossed(sku, outgoing.level(before.stock.get(sku)), &after.stock[sku], &cause)?;
    store::save_allocation(&mut transaction, &before, &after).await?;
    outbox.append_and_commit(transaction, outgoing.into_events()).await?;
    Ok(lines)
}
