use std::collections::{BTreeMap, BTreeSet};

use events::cart::CartEvent as What;
use sqlx::FromRow;
use uuid::Uuid;

use crate::checker::cart_event::{CartEvent, CartEvents};
use crate::checker::databases::Databases;
use crate::checker::findings::{Findings, Violation};
use crate::history::{ExpectedCart, ExpectedCarts, ExpectedLine};

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
struct Kept {
    service: &'static str,
    /// What is kept there.
    what: &'static str,
    query: &'static str,
    /// Whether it is what is saved for later.
    is_saved: bool,
    /// Whether it keeps those of carts that expired: the cart does, for a new one that takes them over.
    keeps_expired: bool,
}

const KEPT: [Kept; 4] = [
    Kept {
        service: "cart",
        what: "in the cart",
        query: "SELECT cart_id, sku, quantity, place FROM lines WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)",
        is_saved: false,
        keeps_expired: true,
    },
    Kept {
        service: "cart",
        what: "saved for later",
        query: "SELECT cart_id, sku, quantity, place FROM saved_lines WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)",
        is_saved: true,
        keeps_expired: true,
    },
    Kept {
        service: "inventory",
        what: "wanted",
        query: "SELECT cart_id, sku, wanted AS quantity, 0::bigint AS place FROM holds
                WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)",
        is_saved: false,
        keeps_expired: false,
    },
    Kept {
        service: "recommend",
        what: "in the cart",
        query: "SELECT cart_id, sku, quantity, place FROM cart_items WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)",
        is_saved: false,
        keeps_expired: false,
    },
];

/// Each service has the lines that follow from what was acknowledged, in its order; nothing is left of a cart that ended.
pub async fn check(
    databases: &Databases,
    expected: &ExpectedCarts,
    events: &CartEvents,
    carts: Option<&[Uuid]>,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    for kept in &KEPT {
        let lines: Vec<StoredLine> =
            sqlx::query_as(kept.query).bind(carts).fetch_all(databases.of(kept.service)?).await?;
        compare(expected, events, kept, &lines, findings);
    }
    Ok(())
}

impl Kept {
    /// The lines that should be there of a cart with these events.
    fn of<'a>(
        &self,
        cart: &'a ExpectedCart,
        events: Option<&Vec<CartEvent>>,
    ) -> Option<&'a BTreeMap<String, ExpectedLine>> {
        let last = events.and_then(|events| events.last()).filter(|last| last.is_final());
        let is_kept = last.is_none_or(|last| self.keeps_expired && matches!(last.what, What::CartExpired(_)));
        let contents = &cart.contents;
        is_kept.then_some(if self.is_saved { &contents.saved } else { &contents.lines })
    }
}

fn compare(
    expected: &ExpectedCarts,
    events: &CartEvents,
    kept: &Kept,
    lines: &[StoredLine],
    findings: &mut Findings,
) {
    let Kept { service, what, .. } = kept;
    let mut seen = BTreeSet::new();
    for line in lines {
        let StoredLine { cart_id: cart, sku, quantity, place } = line;
        seen.insert((*cart, sku.as_str()));
        let lines = expected.get(cart).and_then(|expected| kept.of(expected, events.get(cart)));
        let Some(expected) = lines.and_then(|lines| lines.get(sku)) else {
            let found = format!("{service} has {quantity} of {sku} {what} too many, cart {cart}");
            findings.add(Violation::Doubled, found);
            continue;
        };
        let place = if *place == 0 { expected.place } else { *place };
        let found = ExpectedLine { quantity: *quantity, place, ..*expected };
        if found != *expected {
            // Each event states the line's whole quantity. So a wrong one is that of another event than the last.
            let found = format!("{service}, {sku} {what} {cart}: {found:?}, should be {expected:?}");
            findings.add(Violation::OutOfOrder, found);
        }
    }
    for (id, cart) in expected {
        let lines = kept.of(cart, events.get(id)).into_iter().flatten();
        for (sku, _) in lines.filter(|(sku, _)| !seen.contains(&(*id, sku.as_str()))) {
            findings.add(Violation::Lost, format!("{service} has no line of {sku} {what}, cart {id}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use events::cart::CartExpired;

    use super::*;
    use crate::history::{History, RequestedChange};

    const CART: Uuid = Uuid::from_u128(1);

    fn found(lines: &[(&str, i64, i64)], events: &CartEvents) -> [usize; 3] {
        let mut history = History::default();
        for (version, quantity) in [(1, 2), (2, 3)] {
            history.acknowledged(CART, version, RequestedChange::Add { sku: "A".into(), quantity });
        }
        let line = |(sku, quantity, place): &(&str, i64, i64)| StoredLine {
            cart_id: CART,
            sku: (*sku).to_owned(),
            quantity: *quantity,
            place: *place,
        };
        let lines: Vec<StoredLine> = lines.iter().map(line).collect();
        let mut findings = Findings::default();
        let recommend = &KEPT[3];
        compare(&history.expected(), events, recommend, &lines, &mut findings);
        [Violation::Lost, Violation::Doubled, Violation::OutOfOrder].map(|what| findings.of(what).len())
    }

    #[test]
    fn lines_that_are_missing_beyond_what_was_acknowledged_or_stale_are_found() {
        let found = |lines: &[(&str, i64, i64)]| found(lines, &CartEvents::new());
        assert_eq!(found(&[("A", 5, 1)]), [0, 0, 0]);
        assert_eq!(found(&[]), [1, 0, 0]);
        assert_eq!(found(&[("A", 5, 1), ("B", 1, 2)]), [0, 1, 0]);
        assert_eq!(found(&[("A", 2, 1)]), [0, 0, 1]);
    }

    #[test]
    fn what_is_left_of_a_cart_that_ended_is_found() {
        let (time, what) = (DateTime::UNIX_EPOCH, What::CartExpired(CartExpired { cart_id: CART }));
        let expired = CartEvent { cart_id: CART, version: 3, event_id: Uuid::nil(), time, what };
        let events = CartEvents::from([(CART, vec![expired])]);
        assert_eq!(found(&[], &events), [0, 0, 0]);
        assert_eq!(found(&[("A", 5, 1)], &events), [0, 1, 0]);
    }
}
