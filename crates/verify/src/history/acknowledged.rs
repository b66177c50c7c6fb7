use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::expected_cart::{ExpectedCart, ExpectedCarts};
use super::requested_change::RequestedChange;

/// What clients had acknowledged, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(BTreeMap<Uuid, CartHistory>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct CartHistory {
    addressed: bool,
    is_reported_ended: bool,
    /// The changes, by the version that the client was answered.
    answers: BTreeMap<i64, Vec<RequestedChange>>,
}

impl History {
    /// A cart was opened; `addressed` if its shopper gave an email address.
    pub fn opened(&mut self, cart: Uuid, addressed: bool) {
        self.0.entry(cart).or_default().addressed = addressed;
    }

    /// A change was acknowledged with this version of the cart.
    pub fn acknowledged(&mut self, cart: Uuid, version: i64, change: RequestedChange) {
        self.0.entry(cart).or_default().answers.entry(version).or_default().push(change);
    }

    /// A client was told that the cart has ended.
    pub fn reported_ended(&mut self, cart: Uuid) {
        self.0.entry(cart).or_default().is_reported_ended = true;
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
        let (mut expected, mut begun) = (ExpectedCarts::new(), BTreeSet::new());
        for cart in self.0.keys() {
            self.expect(*cart, &mut begun, &mut expected);
        }
        expected
    }

    /// Adds what the cart should have; before it, that of the carts that were merged into it.
    fn expect(&self, id: Uuid, begun: &mut BTreeSet<Uuid>, expected: &mut ExpectedCarts) {
        let Some(history) = self.0.get(&id).filter(|_| begun.insert(id)) else { return };
        let merged: BTreeSet<Uuid> = history.answers.values().flatten().filter_map(merged).collect();
        for other in &merged {
            self.expect(*other, begun, expected);
        }
        let mut cart = ExpectedCart::opened(history.addressed);
        for (version, changes) in &history.answers {
            cart.apply_version(*version, changes, expected);
        }
        for other in merged {
            if let Some(other) = expected.get_mut(&other) {
                other.merged_into = Some(id);
            }
        }
        cart.is_reported_ended = history.is_reported_ended;
        expected.insert(id, cart);
    }
}

fn merged(change: &RequestedChange) -> Option<Uuid> {
    if let RequestedChange::Merge { from } = change { Some(*from) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::expected_contents::ExpectedLine;
    use super::*;

    const CART: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn add(sku: &str, quantity: i64) -> RequestedChange {
        RequestedChange::Add { sku: sku.into(), quantity }
    }

    fn set(sku: &str, quantity: i64) -> RequestedChange {
        RequestedChange::SetQuantity { sku: sku.into(), quantity }
    }

    fn remove(sku: &str) -> RequestedChange {
        RequestedChange::Remove { sku: sku.into() }
    }

    fn expected(answers: &[(i64, RequestedChange)]) -> ExpectedCart {
        let mut history = History::default();
        history.opened(CART, true);
        for (version, change) in answers {
            history.acknowledged(CART, *version, change.clone());
        }
        history.expected().remove(&CART).unwrap()
    }

    fn lines(cart: &ExpectedCart) -> Vec<(&str, i64, i64)> {
        let lines = cart.contents.lines.iter();
        lines.map(|(sku, line)| (sku.as_str(), line.quantity, line.place)).collect()
    }

    #[test]
    fn changes_count_in_the_order_of_their_versions_whenever_they_were_acknowledged() {
        let cart = expected(&[(5, remove("B")), (2, add("A", 2)), (4, set("A", 9)), (3, add("B", 1))]);
        assert_eq!(lines(&cart), [("A", 9, 2)]);
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
        assert_eq!((cart.version(), cart.contradictions.len()), (4, 0));
        assert_eq!(lines(&cart), [("A", 5, 2)]);
    }

    #[test]
    fn answers_that_cannot_all_be_true_are_found() {
        let contradictions = |answers: &[(i64, RequestedChange)]| {
            expected(answers).contradictions.into_iter().map(|(version, _)| version).collect::<Vec<_>>()
        };
        assert_eq!(contradictions(&[(2, add("A", 1)), (2, add("A", 2))]), [2]);
        assert_eq!(contradictions(&[(1, add("A", 1))]), [1]);
        assert_eq!(contradictions(&[(2, add("A", 1)), (3, set("B", 1))]), [3]);
        let many = RequestedChange::AddMany { items: vec![("A".into(), 1), ("B".into(), 1)] };
        assert_eq!(contradictions(&[(2, add("A", 1)), (3, many)]), [3], "it takes two versions");
    }

    #[test]
    fn an_answer_that_changed_nothing_has_a_version_of_another() {
        let cart = expected(&[(2, add("A", 1)), (3, set("A", 1))]);
        assert_eq!((cart.version(), cart.no_ops, cart.contradictions), (2, vec![3], vec![]));
    }

    #[test]
    fn a_change_may_write_several_facts() {
        let many =
            RequestedChange::AddMany { items: vec![("B".into(), 1), ("A".into(), 3), ("B".into(), 2)] };
        let cart = expected(&[(2, add("A", 2)), (5, many)]);
        assert_eq!(lines(&cart), [("A", 5, 2), ("B", 3, 3)]);
        assert_eq!(cart.additions(), 4);
        let cart = expected(&[(2, add("A", 2)), (3, add("B", 1)), (7, RequestedChange::Clear)]);
        assert_eq!(lines(&cart), []);
        assert_eq!(cart.events.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 6, 7]);
    }

    #[test]
    fn what_is_saved_for_later_comes_back_behind_the_others() {
        let (save, back) = (
            RequestedChange::SaveForLater { sku: "A".into() },
            RequestedChange::MoveBack { sku: "A".into() },
        );
        let answers = [(2, add("A", 2)), (3, add("B", 1)), (4, save), (5, back)];
        assert_eq!(lines(&expected(&answers)), [("A", 2, 5), ("B", 1, 3)]);
        let saved = expected(&answers[..3]).contents.saved["A"];
        assert_eq!(saved, ExpectedLine { quantity: 2, place: 4, rank: 0 });
    }

    #[test]
    fn quantities_add_up_in_a_merge() {
        let mut history = History::default();
        history.opened(CART, false);
        history.opened(OTHER, true);
        history.acknowledged(CART, 1, add("A", 2));
        history.acknowledged(OTHER, 2, add("B", 1));
        history.acknowledged(OTHER, 3, add("A", 4));
        history.acknowledged(CART, 3, RequestedChange::Merge { from: OTHER });
        let expected = history.expected();
        assert_eq!(lines(&expected[&CART]), [("A", 6, 1), ("B", 1, 2)]);
        assert!(expected[&CART].contents.has_shopper);
        assert_eq!(expected[&OTHER].merged_into, Some(CART));
    }

    #[test]
    fn an_excluded_cart_is_not_expected() {
        let mut history = History::default();
        history.acknowledged(CART, 1, add("A", 1));
        history.exclude(CART);
        assert_eq!(history.expected(), ExpectedCarts::new());
    }
}
