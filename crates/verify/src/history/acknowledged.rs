//! What clients were told: every acknowledgement, and what follows from all of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::workload::storefront::Change;

/// The record of all clients.
#[derive(Default)]
pub struct History(Mutex<Vec<Entry>>);

enum Entry {
    Opened { cart: Uuid, addressed: bool },
    Acknowledged(Acknowledged),
}

/// A change that was acknowledged.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    pub cart: Uuid,
    /// The cart's version after it, as the answer said.
    pub version: i64,
    pub change: Change,
}

/// What follows for a cart from what was acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Whether its shopper gave an address when it was opened: that is its first version.
    pub addressed: bool,
    /// What each version did, by what the clients were told.
    pub changes: BTreeMap<i64, Change>,
    /// What is in it in the end.
    pub lines: BTreeMap<String, Line>,
    /// Answers that can't all be true: the version, and what was wrong.
    pub contradictions: Vec<(i64, String)>,
}

/// A line of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// How many pieces.
    pub quantity: i64,
    /// The version at which it came.
    pub place: i64,
}

impl History {
    /// A cart was opened.
    pub fn opened(&self, cart: Uuid, addressed: bool) {
        self.push(Entry::Opened { cart, addressed });
    }

    /// A change was acknowledged.
    pub fn acknowledged(&self, cart: Uuid, version: i64, change: Change) {
        self.push(Entry::Acknowledged(Acknowledged { cart, version, change }));
    }

    fn push(&self, entry: Entry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// What follows for each cart.
    pub fn told(&self) -> BTreeMap<Uuid, Told> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut carts: BTreeMap<Uuid, Told> = BTreeMap::new();
        let mut answers: BTreeMap<Uuid, BTreeMap<i64, Vec<&Change>>> = BTreeMap::new();
        for entry in entries.iter() {
            match entry {
                Entry::Opened { cart, addressed } => {
                    carts.entry(*cart).or_default().addressed = *addressed;
                }
                Entry::Acknowledged(Acknowledged { cart, version, change }) => {
                    answers.entry(*cart).or_default().entry(*version).or_default().push(change);
                }
            }
        }
        for (cart, answers) in answers {
            carts.entry(cart).or_default().fold(&answers);
        }
        carts
    }
}

impl Told {
    /// The version that the cart should have.
    pub fn version(&self) -> i64 {
        self.first() - 1 + i64::try_from(self.changes.len()).unwrap_or(i64::MAX)
    }

    /// The version of the first change.
    fn first(&self) -> i64 {
        1 + i64::from(self.addressed)
    }

    fn fold(&mut self, answers: &BTreeMap<i64, Vec<&Change>>) {
        let last = answers.last_key_value().map_or(0, |(version, _)| *version);
        for version in self.first()..=last {
            match answers.get(&version) {
                Some(changes) => self.fold_version(version, changes),
                None => self.contradictions.push((version, "nobody was told of it".to_owned())),
            }
        }
        let early =
            answers.range(..self.first()).flat_map(|(version, changes)| changes.iter().map(|_| *version));
        self.contradictions.extend(early.map(|version| (version, "told before the cart had it".to_owned())));
    }

    /// Several answers may tell the same version: a quantity that is set to what it is changes nothing. One of them
    /// made the version, and the others had nothing to do after it.
    fn fold_version(&mut self, version: i64, changes: &[&Change]) {
        let made_by = |maker: usize| {
            let mut after = self.clone();
            after.apply(version, changes[maker]);
            let mut others = changes.iter().enumerate().filter(|(other, _)| *other != maker);
            (self.matters(changes[maker]) && others.all(|(_, other)| !after.matters(other))).then_some(maker)
        };
        let maker = (0..changes.len()).find_map(made_by);
        if maker.is_none() {
            self.contradictions.push((version, format!("told of what can't all be: {changes:?}")));
        }
        let maker = changes[maker.unwrap_or(0)];
        self.apply(version, maker);
        self.changes.insert(version, maker.clone());
    }

    fn matters(&self, change: &Change) -> bool {
        match change {
            Change::SetQuantity { sku, quantity } => {
                self.lines.get(sku).is_none_or(|line| line.quantity != *quantity)
            }
            Change::Add { .. } | Change::Remove { .. } => true,
        }
    }

    fn apply(&mut self, version: i64, change: &Change) {
        match change {
            Change::Add { sku, quantity } => {
                let new = Line { quantity: 0, place: version };
                self.lines.entry(sku.clone()).or_insert(new).quantity += quantity;
            }
            Change::SetQuantity { sku, quantity } => match self.lines.get_mut(sku) {
                Some(line) => line.quantity = *quantity,
                None => self.contradictions.push((version, "told of a line that was not there".to_owned())),
            },
            Change::Remove { sku } => {
                if self.lines.remove(sku).is_none() {
                    self.contradictions.push((version, "told of a line that was not there".to_owned()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn add(sku: &str, quantity: i64) -> Change {
        Change::Add { sku: sku.into(), quantity }
    }

    fn set(sku: &str, quantity: i64) -> Change {
        Change::SetQuantity { sku: sku.into(), quantity }
    }

    fn told(answers: &[(i64, Change)]) -> Told {
        let history = History::default();
        history.opened(CART, true);
        for (version, change) in answers {
            history.acknowledged(CART, *version, change.clone());
        }
        history.told().remove(&CART).unwrap()
    }

    #[test]
    fn changes_count_in_the_order_of_their_versions_whenever_they_were_told() {
        let removed = Change::Remove { sku: "B".into() };
        let told = told(&[(5, removed), (2, add("A", 2)), (4, set("A", 9)), (3, add("B", 1))]);
        assert_eq!(told.lines, BTreeMap::from([("A".into(), Line { quantity: 9, place: 2 })]));
        assert_eq!((told.version(), told.contradictions), (5, vec![]));
    }

    #[test]
    fn a_quantity_that_is_set_again_is_no_version_of_its_own() {
        let told = told(&[
            (2, add("A", 2)),
            (3, set("A", 4)),
            (3, set("A", 4)),
            (4, set("A", 5)),
            (4, add("A", 1)),
            (4, set("A", 5)),
        ]);
        assert_eq!((told.version(), told.lines["A"].quantity, told.contradictions), (4, 5, vec![]));
    }

    #[test]
    fn answers_that_cannot_all_be_true_are_found() {
        let contradictions = |answers: &[(i64, Change)]| {
            told(answers).contradictions.into_iter().map(|(version, _)| version).collect::<Vec<_>>()
        };
        assert_eq!(contradictions(&[(2, add("A", 1)), (2, add("A", 2))]), [2]);
        assert_eq!(contradictions(&[(2, add("A", 1)), (3, set("A", 1))]), [3]);
        assert_eq!(contradictions(&[(3, add("A", 1))]), [2]);
        assert_eq!(contradictions(&[(1, add("A", 1))]), [1]);
    }
}
