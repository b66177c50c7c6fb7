use std::time::Duration;

use events::cart::CartEvent as What;
use sqlx::PgPool;
use tokio::time::Instant;

use crate::checker::cart_event::CartEvents;
use crate::checker::databases::Databases;
use crate::checker::findings::Findings;

/// Analytics is behind by its own choice: it gathers what it counts.
const CATCHES_UP_WITHIN: Duration = Duration::from_mins(1);
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Analytics has counted each addition once, with its units.
pub async fn check(
    databases: &Databases,
    events: &CartEvents,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let pool = databases.of("analytics")?;
    let quantities = events.values().flatten().filter_map(|event| match &event.what {
        What::ItemAdded(added) => Some(added.quantity),
        _ => None,
    });
    let (additions, units) =
        quantities.fold((0, 0), |(additions, units), more| (additions + 1, units + more));
    let began = Instant::now();
    while counted(pool, "additions").await? < additions && began.elapsed() < CATCHES_UP_WITHIN {
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    for (measure, expected) in [("additions", additions), ("units-added", units)] {
        let found = counted(pool, measure).await?;
        findings.compare(|| format!("{measure} that analytics has counted"), expected, found);
    }
    Ok(())
}

async fn counted(pool: &PgPool, measure: &str) -> sqlx::Result<i64> {
    let query =
        "SELECT coalesce(sum(value), 0)::bigint FROM figures WHERE resolution = 'day' AND measure = $1";
    sqlx::query_scalar(query).bind(measure).fetch_one(pool).await
}
