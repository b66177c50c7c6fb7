//! Events wait in a table of the carts' database, written in the transaction of what they tell of, until the relay has
//! published them.

use std::num::NonZeroUsize;
use std::time::Duration;

use ruststream::OwnedTransactions;
use ruststream_sqlx::prelude::*;
use sqlx::{PgConnection, PgPool};

use crate::topology::{self, ItemAdded};

const RELAYED_AT_ONCE: NonZeroUsize = nonzero!(200);

/// An event that is not published yet.
#[derive(Inbox, sqlx::FromRow)]
#[inbox(schema = "cart", table = "outbox")]
pub struct Unpublished {
    #[field(id, generated)]
    id: i64,
    #[field(payload)]
    payload: Vec<u8>,
}

/// Writes an event in the transaction of this connection.
pub async fn append(transaction: &mut PgConnection, event: &ItemAdded) -> anyhow::Result<()> {
    let row = Unpublished { id: 0, payload: serde_json::to_vec(event)? };
    Ok(row.insert(transaction).await?)
}

/// The relay, which deletes the rows of the events that were published.
pub fn relay(pool: PgPool) -> anyhow::Result<impl App> {
    let exchange = topology::broker()?.bindable();
    let events = exchange.bind(topology::publish());
    let relay = RustStream::new(AppInfo::new("cart", "0.1.0")).with_broker(SqlxBroker::new(pool), |outbox| {
        outbox.include(publish.batch(RELAYED_AT_ONCE)).out(DefaultSlot, events).build();
    });
    Ok(relay.with_broker(exchange, |_| {}))
}

/// Nothing wakes the relay when another connection writes, so it looks often.
#[subscriber(InboxQueue::<Unpublished>::new("cart").poll_interval(Duration::from_millis(10)))]
async fn publish(unpublished: &[ItemAdded], Out(events): Out<impl OwnedTransactions>) -> HandlerOutcome {
    match confirmed(events, unpublished).await {
        Ok(()) => HandlerOutcome::ack(),
        Err(error) => {
            tracing::warn!(%error, "events stay in the outbox");
            HandlerOutcome::retry()
        }
    }
}

async fn confirmed(events: &impl OwnedTransactions, unpublished: &[ItemAdded]) -> anyhow::Result<()> {
    let mut unconfirmed = events.owned_transaction().await?;
    for event in unpublished {
        unconfirmed.message(event).publish().await?;
    }
    Ok(unconfirmed.commit().await?)
}
