use std::collections::BTreeSet;

use sqlx::FromRow;
use uuid::Uuid;

use crate::checker::databases::Databases;
use crate::checker::findings::{Findings, Violation};
use crate::history::{ExpectedCarts, ExpectedLine};

/// A line of a cart as a service has it.
#[derive(Clone, Debug, FromRow)]
struct StoredLine {
    cart_id: Uuid,
    sku: String,
    quantity: i64,
    /// The version at which it came; 0 where the service does not keep it.
    place: i64,
}

/// Where services keep the lines of carts.
const LINES: [(&str, &str); 3] = [
    ("cart", "SELECT cart_id, sku, quantity, place FROM lines WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)"),
    (
        "inventory",
        "SELECT cart_id, sku, wanted AS quantity, 0::bigint AS place FROM holds
         WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)",
    ),
    (
        "recommend",
        "SELECT cart_id, sku, quantity, place FROM cart_items WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)",
    ),
];

/// Each service has the lines that follow from what was acknowledged, in its order.
pub async fn check(
    databases: &Databases,
    expected: &ExpectedCarts,
    carts: Option<&[Uuid]>,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    for (service, query) in LINES {
        let lines: Vec<StoredLine> =
            sqlx::query_as(query).bind(carts).fetch_all(databases.of(service)?).await?;
        compare(expected, service, &lines, findings);
    }
    Ok(())
}

fn compare(expected: &ExpectedCarts, service: &str, lines: &[StoredLine], findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for line in lines {
        let StoredLine { cart_id: cart, sku, quantity, place } = line;
        seen.insert((*cart, sku.as_str()));
        let Some(expected) = expected.get(cart).and_then(|cart| cart.lines.get(sku)) else {
            let found = format!("{service} has {quantity} of {sku} too many, cart {cart}");
            findings.add(Violation::Doubled, found);
            continue;
        };
        let place = if *place == 0 { expected.place } else { *place };
        let found = ExpectedLine { quantity: *quantity, place };
        if found != *expected {
            // Each event states the line's whole quantity. So a wrong one is that of another event than the last.
            let found = format!("{service}, {sku} in cart {cart}: {found:?}, should be {expected:?}");
            findings.add(Violation::OutOfOrder, found);
        }
    }
    for (id, cart) in expected {
        for sku in cart.lines.keys().filter(|sku| !seen.contains(&(*id, sku.as_str()))) {
            findings.add(Violation::Lost, format!("{service} has no line of {sku}, cart {id}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Change, History};

    const CART: Uuid = Uuid::from_u128(1);

    fn found(lines: &[(&str, i64, i64)]) -> [usize; 3] {
        let mut history = History::default();
        for (version, quantity) in [(1, 2), (2, 3)] {
            history.acknowledged(CART, version, Change::Add { sku: "A".into(), quantity });
        }
        let line = |(sku, quantity, place): &(&str, i64, i64)| StoredLine {
            cart_id: CART,
            sku: (*sku).to_owned(),
            quantity: *quantity,
            place: *place,
        };
        let lines: Vec<StoredLine> = lines.iter().map(line).collect();
        let mut findings = Findings::default();
        compare(&history.expected(), "recommend", &lines, &mut findings);
        [Violation::Lost, Violation::Doubled, Violation::OutOfOrder].map(|what| findings.of(what).len())
    }

    #[test]
    fn lines_that_are_missing_beyond_what_was_acknowledged_or_stale_are_found() {
        assert_eq!(found(&[("A", 5, 1)]), [0, 0, 0]);
        assert_eq!(found(&[]), [1, 0, 0]);
        assert_eq!(found(&[("A", 5, 1), ("B", 1, 2)]), [0, 1, 0]);
        assert_eq!(found(&[("A", 2, 1)]), [0, 0, 1]);
    }
}
