use std::collections::BTreeMap;

use uuid::Uuid;

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

/// The cart's copy of what is held for its lines is what inventory holds.
pub async fn check(
    databases: &Databases,
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
