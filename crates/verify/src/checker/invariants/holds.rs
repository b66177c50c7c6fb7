use std::collections::BTreeMap;

use uuid::Uuid;

use crate::checker::cart_event::CartEvents;
use crate::checker::cart_state::CartState;
use crate::checker::databases::Databases;
use crate::checker::findings::{Findings, Violation};

/// What is held for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    /// How many pieces the line wants.
    wanted: i64,
    /// How many of them it got.
    held: i64,
}

/// What is held for lines, by cart and SKU.
type Holds = BTreeMap<(Uuid, String), Held>;

/// What has lapsed is held no more, also where inventory remembers the line.
const HOLDS: &str = "SELECT cart_id, sku, wanted, held FROM holds
                     WHERE NOT lapsed AND ($1::uuid[] IS NULL OR cart_id = ANY($1))";
const COPIES: &str =
    "SELECT cart_id, sku, wanted, held FROM holds WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)";

/// Lines of which more is held than they want, or that have lapsed, or have not.
const LAPSED: &str =
    "SELECT cart_id, sku, wanted, held, lapsed FROM holds WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)";

/// The cart's copy of what is held for its lines is what inventory holds; that is no more than is wanted, and nothing for carts
/// that are quiet.
pub async fn check(
    databases: &Databases,
    events: &CartEvents,
    carts: Option<&[Uuid]>,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let holds = read(databases, "inventory", HOLDS, carts).await?;
    let copies = read(databases, "cart", COPIES, carts).await?;
    for (line, held) in &holds {
        if copies.get(line) != Some(held) {
            let (cart, sku) = line;
            let found = format!("cart {cart} has {:?} held of {sku}, inventory {held:?}", copies.get(line));
            findings.add(Violation::OutOfOrder, found);
        }
    }
    for (cart, sku) in copies.keys().filter(|line| !holds.contains_key(line)) {
        let found = format!("cart {cart} has a hold of {sku} that inventory released");
        findings.add(Violation::OutOfOrder, found);
    }
    let lines: Vec<(Uuid, String, i64, i64, bool)> =
        sqlx::query_as(LAPSED).bind(carts).fetch_all(databases.of("inventory")?).await?;
    for (cart, sku, wanted, held, lapsed) in lines {
        if held > wanted {
            findings.add(
                Violation::Doubled,
                format!("{held} of {sku} are held for cart {cart}, which wants {wanted}"),
            );
        }
        let is_quiet = events.get(&cart).is_some_and(|events| CartState::after(events).is_quiet);
        // An operator may free what is held, but not in a shop of which everything is known.
        if lapsed != is_quiet && (is_quiet || carts.is_none()) {
            let found =
                format!("cart {cart} is quiet: {is_quiet}; what is held of {sku} has lapsed: {lapsed}");
            findings.add(Violation::OutOfOrder, found);
        }
    }
    Ok(())
}

async fn read(
    databases: &Databases,
    service: &str,
    query: &'static str,
    carts: Option<&[Uuid]>,
) -> anyhow::Result<Holds> {
    let rows: Vec<(Uuid, String, i64, i64)> =
        sqlx::query_as(query).bind(carts).fetch_all(databases.of(service)?).await?;
    Ok(rows.into_iter().map(|(cart, sku, wanted, held)| ((cart, sku), Held { wanted, held })).collect())
}
