use std::collections::BTreeMap;

use events::Aggregate;
use events::cart::CartEvent;
use events::inventory::HoldEvent;
use uuid::Uuid;

use crate::checker::answers::Answered;
use crate::checker::cart_event::{CartEvent as Stored, CartEvents};
use crate::checker::databases::Databases;
use crate::checker::findings::Findings;
use crate::history::ExpectedCarts;

/// The greatest number of an event before its publisher is restored from a backup.
pub const LAST_OF_FIRST_EPOCH: i64 = u32::MAX as i64;

/// Numbers by subject.
type Numbers = BTreeMap<String, i64>;

/// Every service has processed as many events of a cart as it has versions; inventory answered each of its changes once; and
/// the cart has processed all that inventory said of it.
pub async fn check(
    databases: &Databases,
    expected: &ExpectedCarts,
    events: &CartEvents,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let of = |cart: &Uuid| events.get(cart).map_or(&[][..], Vec::as_slice);
    let latest = |events: &[Stored]| events.last().map_or(0, |event| event.version);
    let versions: Numbers =
        expected.iter().map(|(id, cart)| (id.to_string(), cart.version().max(latest(of(id))))).collect();
    let answers = published(databases, HoldEvent::AGGREGATE).await?;
    let said: Numbers =
        expected.keys().map(|id| (id.to_string(), number_of(&answers, &id.to_string()))).collect();
    for cart in expected.keys() {
        let least = i64::try_from(Answered::of(of(cart)).surely.len())?;
        let found = number_of(&answers, &cart.to_string());
        // It may have said more: how much the cart got of what came free.
        findings.compare(|| format!("answers of inventory, cart {cart}"), least, found.min(least));
    }
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
        (
            "answers of inventory that the cart processed",
            &said,
            processed(databases, "cart", HoldEvent::AGGREGATE).await?,
        ),
    ] {
        for (cart, expected) in expected {
            let found = number_of(&found, cart);
            findings.compare(|| format!("{what}, cart {cart}"), *expected, found);
        }
    }
    Ok(())
}

fn number_of(numbers: &Numbers, subject: &str) -> i64 {
    numbers.get(subject).copied().unwrap_or(0)
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
