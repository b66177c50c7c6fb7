use std::collections::BTreeMap;

use uuid::Uuid;

use super::change::Change;

/// What each cart should have.
pub type ExpectedCarts = BTreeMap<Uuid, ExpectedCart>;

/// What a cart should have, after all changes that were acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedCart {
    /// Whether its shopper gave an address when it was opened: that is its first version.
    pub addressed: bool,
    /// What each version did, by the answers to the clients.
    pub changes: BTreeMap<i64, Change>,
    /// What is in it in the end, by SKU.
    pub lines: BTreeMap<String, ExpectedLine>,
    /// Answers that can't all be true: the version, and what is wrong.
    pub contradictions: Vec<(i64, String)>,
}

/// A line of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedLine {
    /// How many pieces.
    pub quantity: i64,
    /// The version at which it came.
    pub place: i64,
}

impl ExpectedCart {
    /// The cart after these changes, by the version that each was answered with.
    pub(super) fn after(addressed: bool, answers: &BTreeMap<i64, Vec<Change>>) -> Self {
        let mut cart = Self { addressed, ..Self::default() };
        let last = answers.last_key_value().map_or(0, |(version, _)| *version);
        for version in cart.first()..=last {
            match answers.get(&version) {
                Some(changes) => cart.apply_version(version, changes),
                None => cart.contradictions.push((version, "no client got it as an answer".to_owned())),
            }
        }
        let early =
            answers.range(..cart.first()).flat_map(|(version, changes)| changes.iter().map(|_| *version));
        let early = early.map(|version| (version, "answered before the cart had it".to_owned()));
        cart.contradictions.extend(early);
        cart
    }

    /// The version that the cart should have.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.first() - 1 + i64::try_from(self.changes.len()).unwrap_or(i64::MAX)
    }

    /// How many of the changes are additions.
    #[must_use]
    pub fn additions(&self) -> usize {
        self.changes.values().filter(|change| matches!(change, Change::Add { .. })).count()
    }

    /// The version of the first change.
    fn first(&self) -> i64 {
        1 + i64::from(self.addressed)
    }

    /// Several answers may have the same version: a quantity that is set to what it is changes nothing. One of them
    /// made the version, and the others had nothing to do after it.
    fn apply_version(&mut self, version: i64, changes: &[Change]) {
        let made_by = |maker: usize| {
            let mut after = self.clone();
            after.apply(version, &changes[maker]);
            let mut others = changes.iter().enumerate().filter(|(other, _)| *other != maker);
            (self.is_changed_by(&changes[maker]) && others.all(|(_, other)| !after.is_changed_by(other)))
                .then_some(maker)
        };
        let maker = match changes {
            // By far the most frequent case, without a copy of the cart.
            [one] => self.is_changed_by(one).then_some(0),
            _ => (0..changes.len()).find_map(made_by),
        };
        if maker.is_none() {
            self.contradictions.push((version, format!("answers that can't all be true: {changes:?}")));
        }
        let maker = &changes[maker.unwrap_or(0)];
        self.apply(version, maker);
        self.changes.insert(version, maker.clone());
    }

    fn is_changed_by(&self, change: &Change) -> bool {
        match change {
            Change::SetQuantity { sku, quantity } => {
                self.lines.get(sku).is_none_or(|line| line.quantity != *quantity)
            }
            Change::Add { .. } | Change::Remove { .. } => true,
        }
    }

    fn apply(&mut self, version: i64, change: &Change) {
        let is_applied = match change {
            Change::Add { sku, quantity } => {
                let new = ExpectedLine { quantity: 0, place: version };
                self.lines.entry(sku.clone()).or_insert(new).quantity += quantity;
                true
            }
            Change::SetQuantity { sku, quantity } => {
                self.lines.get_mut(sku).map(|line| line.quantity = *quantity).is_some()
            }
            Change::Remove { sku } => self.lines.remove(sku).is_some(),
        };
        if !is_applied {
            self.contradictions.push((version, "acknowledged for a line that was not there".to_owned()));
        }
    }
}
