//! The additions' effects, line by line of every cart.

use std::collections::BTreeMap;

use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::Books;
use super::audit::{Audit, Difference};
use crate::history::Expected;

/// Numbers by cart and SKU, as a service has them.
pub(super) type Found = BTreeMap<(Uuid, String), i64>;

/// Where a service keeps an effect of an addition, and a query for it: cart, SKU, pieces of the carts in `$1`.
const EFFECTS: [(&str, &str, &str); 4] = [
    ("cart", "pieces in the cart's view", "SELECT cart_id, sku, quantity FROM lines WHERE cart_id = ANY($1)"),
    (
        "cart",
        "pieces in the cart's events",
        "SELECT cart_id, data->>'sku', sum((data->>'quantity')::bigint)::bigint
         FROM cart_events WHERE type = 'cart.item-added.v1' AND cart_id = ANY($1) GROUP BY 1, 2",
    ),
    ("inventory", "pieces wanted in holds", "SELECT cart_id, sku, wanted FROM holds WHERE cart_id = ANY($1)"),
    (
        "recommend",
        "pieces in baskets",
        "SELECT cart_id, sku, quantity FROM cart_items WHERE cart_id = ANY($1)",
    ),
];
const ADDITIONS: &str = "SELECT cart_id, data->>'sku', count(*)
                         FROM cart_events WHERE type = 'cart.item-added.v1' AND cart_id = ANY($1) GROUP BY 1, 2";

impl Books {
    pub(super) async fn compare_effects(&self, expected: &Expected, audit: &mut Audit) -> sqlx::Result<()> {
        let carts = expected.carts();
        for (service, what, query) in EFFECTS {
            let found = read(self.of(service)?, query, &carts).await?;
            audit.differences.extend(compare(service, what, &pieces(expected), &found));
        }
        let additions = expected.lines().map(|(cart, sku, added)| ((cart, sku), added.additions)).collect();
        let found = read(self.of("cart")?, ADDITIONS, &carts).await?;
        audit.differences.extend(compare("cart", "additions in the cart's events", &additions, &found));
        Ok(())
    }
}

/// The pieces that should be found.
pub(super) fn pieces(expected: &Expected) -> BTreeMap<(Uuid, &str), i64> {
    expected.lines().map(|(cart, sku, added)| ((cart, sku), added.pieces)).collect()
}

async fn read(pool: &PgPool, query: &'static str, carts: &[Uuid]) -> sqlx::Result<Found> {
    let rows = sqlx::query(query).bind(carts).fetch_all(pool).await?;
    rows.iter().map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?))).collect()
}

/// What is found too little or too much; also where nothing should be at all.
pub(super) fn compare(
    service: &'static str,
    what: &'static str,
    expected: &BTreeMap<(Uuid, &str), i64>,
    found: &Found,
) -> Vec<Difference> {
    let difference = |cart: Uuid, sku: &str, expected: i64, found: i64| Difference {
        service,
        what,
        cart: Some(cart),
        sku: Some(sku.to_owned()),
        expected,
        found,
    };
    let mut missed = expected.clone();
    let mut differences = Vec::new();
    for ((cart, sku), &found) in found {
        let expected = missed.remove(&(*cart, sku.as_str())).unwrap_or(0);
        if expected != found {
            differences.push(difference(*cart, sku, expected, found));
        }
    }
    let missed = missed.into_iter().filter(|(_, expected)| *expected != 0);
    differences.extend(missed.map(|((cart, sku), expected)| difference(cart, sku, expected, 0)));
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn compared(expected: &Expected, found: &[(&str, i64)]) -> Vec<(String, i64, i64)> {
        let found = found.iter().map(|(sku, pieces)| ((CART, (*sku).to_owned()), *pieces)).collect();
        let differences = compare("inventory", "pieces", &pieces(expected), &found);
        differences.into_iter().map(|d| (d.sku.unwrap_or_default(), d.expected, d.found)).collect()
    }

    fn expected() -> Expected {
        let mut expected = Expected::default();
        expected.added(CART, "A", 2);
        expected.added(CART, "B", 1);
        expected.added(CART, "A", 3);
        expected
    }

    #[test]
    fn additions_to_a_line_add_up() {
        assert_eq!(expected().additions(), 3);
        assert_eq!(compared(&expected(), &[("A", 5), ("B", 1)]), []);
    }

    #[test]
    fn a_missing_row_a_doubled_effect_and_a_stranger_are_differences() {
        assert_eq!(compared(&expected(), &[("A", 5)]), [("B".into(), 1, 0)]);
        assert_eq!(compared(&expected(), &[("A", 8), ("B", 1)]), [("A".into(), 5, 8)]);
        assert_eq!(compared(&expected(), &[("A", 5), ("B", 1), ("C", 4)]), [("C".into(), 0, 4)]);
    }

    #[test]
    fn a_forgotten_cart_is_not_looked_for() {
        let mut expected = expected();
        expected.forget(CART);
        assert_eq!(compared(&expected, &[]), []);
    }
}
