//! `republish`: publishes the present state of an aggregate again.

use bus::Outbox;
use recommend::model::Policy;
use sqlx::PgPool;

use crate::cli::recovery::{Aggregate, Republished};

/// Publishes it and says how much that was.
#[allow(clippy::print_stdout)]
pub async fn republish(republished: &Republished) -> anyhow::Result<()> {
    let aggregate = republished.aggregate;
    let (pool, outbox) = republished.settings.open(aggregate.service()).await?;
    let publishing = Box::pin(publish(aggregate, &pool, &outbox));
    let operator = &republished.settings.operator;
    let subjects = operator.does("republish", aggregate.name(), &pool, publishing).await?;
    println!("{subjects} subjects of {} go out once {} runs", aggregate.name(), aggregate.service());
    Ok(())
}

async fn publish(aggregate: Aggregate, pool: &PgPool, outbox: &Outbox) -> anyhow::Result<usize> {
    Ok(match aggregate {
        Aggregate::Products => catalog::republish(pool, outbox).await?,
        Aggregate::Carts => cart::republish(pool, outbox).await?,
        Aggregate::Holds => inventory::republish_holds(pool, outbox).await?,
        Aggregate::Stock => inventory::republish_stock(pool, outbox).await?,
        Aggregate::Suggestions => {
            let policy = Policy { limit: recommend::MAX_PUBLISHED, in_stock_only: true };
            recommend::republish(pool, outbox, policy).await?
        }
    })
}
