//! `republish`: publishes the present state of an aggregate again.

use recommend::model::Policy;

use crate::cli::recovery::{Aggregate, Republished};

/// Publishes it and says how much that was.
#[allow(clippy::print_stdout)]
pub async fn republish(republished: &Republished) -> anyhow::Result<()> {
    let aggregate = republished.aggregate;
    let (pool, outbox) = republished.settings.open(aggregate.service()).await?;
    let subjects = match aggregate {
        Aggregate::Products => catalog::republish(&pool, &outbox).await?,
        Aggregate::Carts => cart::republish(&pool, &outbox).await?,
        Aggregate::Holds => inventory::republish_holds(&pool, &outbox).await?,
        Aggregate::Stock => inventory::republish_stock(&pool, &outbox).await?,
        Aggregate::Suggestions => {
            let policy = Policy { limit: recommend::MAX_PUBLISHED, in_stock_only: true };
            recommend::republish(&pool, &outbox, policy).await?
        }
    };
    println!("{subjects} subjects of {} go out once {} runs", aggregate.name(), aggregate.service());
    Ok(())
}
