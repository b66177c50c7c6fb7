//! Deliberately broken delivery, to show that the torture test finds it. A release build does not have it.
//!
//! `BUS_SABOTAGE` names what is broken: `ack-before-commit`, `publish-outside-transaction`, `ignore-positions` or
//! `ignore-waiting`.

use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use envelope::Envelope;
use sqlx::PgPool;
use tracing::{error, warn};

use crate::outbox::Outbox;

const VARIABLE: &str = "BUS_SABOTAGE";
/// As long as a busy process takes to come to it.
const LATE: Duration = Duration::from_millis(500);

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// The consumer acknowledges a batch before it takes it.
    AckBeforeCommit,
    /// Events are written after the transaction that they tell of, whatever became of it.
    PublishOutsideTransaction,
    /// Duplicates are taken.
    IgnorePositions,
    /// An event that is ahead of its position is taken at once.
    IgnoreWaiting,
}

static CHOSEN: LazyLock<Option<Sabotage>> = LazyLock::new(|| {
    let name = std::env::var(VARIABLE).ok().filter(|name| !name.is_empty())?;
    let sabotage = named(&name);
    if sabotage.is_some() {
        warn!("SABOTAGED BY {VARIABLE}={name}: delivery is broken, events WILL be lost or doubled");
    } else {
        error!("{VARIABLE}={name} is no sabotage; nothing is broken");
    }
    sabotage
});
static DATABASE: OnceLock<PgPool> = OnceLock::new();

fn named(name: &str) -> Option<Sabotage> {
    match name {
        "ack-before-commit" => Some(Sabotage::AckBeforeCommit),
        "publish-outside-transaction" => Some(Sabotage::PublishOutsideTransaction),
        "ignore-positions" => Some(Sabotage::IgnorePositions),
        "ignore-waiting" => Some(Sabotage::IgnoreWaiting),
        _ => None,
    }
}

/// Whether this is what is broken.
pub(crate) fn is(sabotage: Sabotage) -> bool {
    *CHOSEN == Some(sabotage)
}

/// Remembers the database of the process's one service, and says what is broken.
pub(crate) fn begin(database: &PgPool) {
    if CHOSEN.is_some() {
        let _ = DATABASE.set(database.clone());
    }
}

/// Whether an event is taken that is a duplicate or ahead of its position.
pub(crate) fn takes(sequence: i64, position: i64) -> bool {
    match *CHOSEN {
        Some(Sabotage::IgnorePositions) => sequence <= position,
        Some(Sabotage::IgnoreWaiting) => sequence > position + 1,
        _ => false,
    }
}

/// Gives the events back, unless they are to be written later and elsewhere.
pub(crate) fn keep_out(outbox: &Outbox, events: Vec<Envelope>) -> Vec<Envelope> {
    let Some(database) = DATABASE.get().filter(|_| is(Sabotage::PublishOutsideTransaction)) else {
        return events;
    };
    let (outbox, database) = (outbox.clone(), database.clone());
    tokio::spawn(async move {
        tokio::time::sleep(LATE).await;
        let Ok(mut connection) = database.acquire().await else { return };
        if let Err(error) = outbox.insert(&mut connection, events).await {
            error!(%error, "events are lost");
        }
        outbox.wake();
    });
    Vec::new()
}
