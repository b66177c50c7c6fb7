use std::collections::BTreeMap;

use uuid::Uuid;

use super::change::Change;
use super::expected::{ExpectedCart, ExpectedCarts};

/// What clients had acknowledged, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(BTreeMap<Uuid, CartHistory>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct CartHistory {
    addressed: bool,
    /// The changes, by the version that the client was answered.
    answers: BTreeMap<i64, Vec<Change>>,
}

impl History {
    /// A cart was opened; `addressed` if its shopper gave an e-mail address.
    pub fn opened(&mut self, cart: Uuid, addressed: bool) {
        self.0.entry(cart).or_default().addressed = addressed;
    }

    /// A change was acknowledged with this version of the cart.
    pub fn acknowledged(&mut self, cart: Uuid, version: i64, change: Change) {
        self.0.entry(cart).or_default().answers.entry(version).or_default().push(change);
    }

    /// The cart is not checked.
    pub fn exclude(&mut self, cart: Uuid) {
        self.0.remove(&cart);
    }

    /// How many carts were opened.
    #[must_use]
    pub fn carts(&self) -> usize {
        self.0.len()
    }

    /// How many changes were acknowledged.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.0.values().flat_map(|cart| cart.answers.values()).map(Vec::len).sum()
    }

    /// What each cart should have.
    #[must_use]
    pub fn expected(&self) -> ExpectedCarts {
        let expected = |cart: &CartHistory| ExpectedCart::after(cart.addressed, &cart.answers);
        self.0.iter().map(|(id, cart)| (*id, expected(cart))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::expected::ExpectedLine;
    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn add(sku: &str, quantity: i64) -> Change {
        Change::Add { sku: sku.into(), quantity }
    }

    fn set(sku: &str, quantity: i64) -> Change {
        Change::SetQuantity { sku: sku.into(), quantity }
    }

    fn expected(answers: &[(i64, Change)]) -> ExpectedCart {
        let mut history = History::default();
        history.opened(CART, true);
        for (version, change) in answers {
            history.acknowledged(CART, *version, change.clone());
        }
        history.expected().remove(&CART).unwrap()
    }

    #[test]
    fn changes_count_in_the_order_of_their_versions_whenever_they_were_acknowledged() {
        let removed = Change::Remove { sku: "B".into() };
        let cart = expected(&[(5, removed), (2, add("A", 2)), (4, set("A", 9)), (3, add("B", 1))]);
        assert_eq!(cart.lines, BTreeMap::from([("A".into(), ExpectedLine { quantity: 9, place: 2 })]));
        assert_eq!((cart.version(), cart.contradictions), (5, vec![]));
    }

    #[test]
    fn a_quantity_that_is_set_again_is_no_version_of_its_own() {
        let cart = expected(&[
            (2, add("A", 2)),
            (3, set("A", 4)),
            (3, set("A", 4)),
            (4, set("A", 5)),
            (4, add("A", 1)),
            (4, set("A", 5)),
        ]);
        assert_eq!((cart.version(), cart.lines["A"].quantity, cart.contradictions), (4, 5, vec![]));
    }

    #[test]
    fn answers_that_cannot_all_be_true_are_found() {
        let contradictions = |answers: &[(i64, Change)]| {
            expected(answers).contradictions.into_iter().map(|(version, _)| version).collect::<Vec<_>>()
        };
        assert_eq!(contradictions(&[(2, add("A", 1)), (2, add("A", 2))]), [2]);
        assert_eq!(contradictions(&[(2, add("A", 1)), (3, set("A", 1))]), [3]);
        assert_eq!(contradictions(&[(3, add("A", 1))]), [2]);
        assert_eq!(contradictions(&[(1, add("A", 1))]), [1]);
    }

    #[test]
    fn additions_to_a_line_add_up() {
        let cart = expected(&[(2, add("A", 2)), (3, add("B", 1)), (4, add("A", 3))]);
        assert_eq!(cart.additions(), 3);
        assert_eq!((cart.lines["A"].quantity, cart.lines["B"].quantity), (5, 1));
    }

    #[test]
    fn an_excluded_cart_is_not_expected() {
        let mut history = History::default();
        history.acknowledged(CART, 1, add("A", 1));
        history.exclude(CART);
        assert_eq!(history.expected(), ExpectedCarts::new());
    }
}
