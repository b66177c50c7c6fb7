use std::collections::BTreeMap;

use events::Aggregate;
use events::cart::CartEvent;
use events::inventory::HoldEvent;

use crate::checker::databases::Databases;
use crate::checker::findings::Findings;
use crate::history::{ExpectedCart, ExpectedCarts};

/// The greatest number of an event before its publisher is restored from a backup.
pub const LAST_OF_FIRST_EPOCH: i64 = u32::MAX as i64;

/// Numbers by subject.
type Numbers = BTreeMap<String, i64>;

/// Every service has processed as many events of a cart as it has versions, and inventory answered each of its changes
/// once.
pub async fn check(
    databases: &Databases,
    expected: &ExpectedCarts,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let versions: Numbers = expected.iter().map(|(id, cart)| (id.to_string(), cart.version())).collect();
    let changes = |cart: &ExpectedCart| i64::try_from(cart.changes.len()).unwrap_or(i64::MAX);
    let changes: Numbers = expected.iter().map(|(id, cart)| (id.to_string(), changes(cart))).collect();
    for (what, expected, found) in [
        (
            "events processed by inventory",
            &versions,
            processed(databases, "inventory", CartEvent::AGGREGATE).await?,
        ),
        (
            "events processed by recommend",
            &versions,
            processed(databases, "recommend", CartEvent::AGGREGATE).await?,
        ),
        (
            "events processed by notify",
            &versions,
            processed(databases, "notify", CartEvent::AGGREGATE).await?,
        ),
        ("answers of inventory", &changes, published(databases, HoldEvent::AGGREGATE).await?),
        (
            "answers of inventory that the cart processed",
            &changes,
            processed(databases, "cart", HoldEvent::AGGREGATE).await?,
        ),
    ] {
        for (cart, expected) in expected {
            let found = found.get(cart).copied().unwrap_or(0);
            // A publisher that was restored from a backup numbers on from there: how many there are is not to be seen.
            if found > LAST_OF_FIRST_EPOCH {
                continue;
            }
            findings.compare(|| format!("{what}, cart {cart}"), *expected, found);
        }
    }
    Ok(())
}

/// How many events of each subject a service has processed of an aggregate.
async fn processed(databases: &Databases, service: &str, of: Aggregate) -> anyhow::Result<Numbers> {
    let query = "SELECT subject, sequence FROM bus.positions WHERE source = $1";
    let rows: Vec<(String, i64)> =
        sqlx::query_as(query).bind(of.source()).fetch_all(databases.of(service)?).await?;
    Ok(rows.into_iter().collect())
}

/// How many events of each subject of an aggregate were published. Not for carts, whose versions number their events.
pub async fn published(databases: &Databases, aggregate: Aggregate) -> anyhow::Result<Numbers> {
    let query = sqlx::query_as("SELECT subject, last FROM bus.sequences WHERE source = $1");
    let database = databases.of(aggregate.service())?;
    let rows: Vec<(String, i64)> = query.bind(aggregate.source()).fetch_all(database).await?;
    Ok(rows.into_iter().collect())
}
