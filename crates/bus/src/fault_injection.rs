//! Deliberately broken delivery, to show that the checker finds it. A release build does not have it.
//!
//! `BUS_INJECT_FAULT` names what is broken: `ack-before-commit`, `publish-outside-transaction`, `ignore-positions`,
//! `ignore-waiting`, `reuse-numbers` or `lose-timers`.

use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use envelope::Envelope;
use sqlx::PgPool;
use tokio::sync::Notify;
use tracing::{error, warn};

use crate::outbox::insert::insert;

const VARIABLE: &str = "BUS_INJECT_FAULT";
/// A process that is killed loses the events of this much time. The shorter it is, the fewer a slow machine loses, until it
/// loses none that a test looks for.
const LATE: Duration = Duration::from_secs(3);

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The broker takes what it delivers for acknowledged, before it is committed.
    AckBeforeCommit,
    /// Events are written after the transaction that they belong to, whatever its outcome.
    PublishOutsideTransaction,
    /// Duplicates are taken.
    IgnorePositions,
    /// An event that is ahead of its position is taken at once.
    IgnoreWaiting,
    /// After a restored backup, numbers are given again.
    ReuseNumbers,
    /// Timers end without their effects.
    LoseTimers,
}

static INJECTED: LazyLock<Option<Fault>> = LazyLock::new(|| {
    let name = std::env::var(VARIABLE).ok().filter(|name| !name.is_empty())?;
    let fault = named(&name);
    if fault.is_some() {
        warn!("FAULT INJECTED BY {VARIABLE}={name}: delivery is broken, events WILL be lost or doubled");
    } else {
        error!("{VARIABLE}={name} names no fault; nothing is broken");
    }
    fault
});
static DATABASE: OnceLock<PgPool> = OnceLock::new();

fn named(name: &str) -> Option<Fault> {
    match name {
        "ack-before-commit" => Some(Fault::AckBeforeCommit),
        "publish-outside-transaction" => Some(Fault::PublishOutsideTransaction),
        "ignore-positions" => Some(Fault::IgnorePositions),
        "ignore-waiting" => Some(Fault::IgnoreWaiting),
        "reuse-numbers" => Some(Fault::ReuseNumbers),
        "lose-timers" => Some(Fault::LoseTimers),
        _ => None,
    }
}

/// Whether this is what is broken.
pub(crate) fn is(fault: Fault) -> bool {
    *INJECTED == Some(fault)
}

/// Remembers the database of the process's one service, and logs what is broken.
pub(crate) fn begin(database: &PgPool) {
    if INJECTED.is_some() {
        let _ = DATABASE.set(database.clone());
    }
}

/// Whether an event is taken that is a duplicate or ahead of its position.
pub(crate) fn takes(sequence: i64, position: i64) -> bool {
    match *INJECTED {
        Some(Fault::IgnorePositions) => sequence <= position,
        Some(Fault::IgnoreWaiting) => sequence > position + 1,
        _ => false,
    }
}

/// Whether batches may have gaps and duplicates.
pub(crate) fn takes_out_of_order() -> bool {
    is(Fault::IgnorePositions) || is(Fault::IgnoreWaiting)
}

/// Gives the events back, unless they are to be written later and elsewhere.
pub(crate) fn divert(committed: &Arc<Notify>, events: Vec<Envelope>) -> Vec<Envelope> {
    let Some(database) = DATABASE.get().filter(|_| is(Fault::PublishOutsideTransaction)) else {
        return events;
    };
    let (committed, database) = (Arc::clone(committed), database.clone());
    tokio::spawn(async move {
        tokio::time::sleep(LATE).await;
        let Ok(mut connection) = database.acquire().await else { return };
        if let Err(error) = insert(&mut connection, events, usize::MAX).await {
            error!(%error, "events are lost");
        }
        committed.notify_one();
    });
    Vec::new()
}
