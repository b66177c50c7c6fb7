use std::collections::BTreeMap;

use uuid::Uuid;

use super::change::Change;
use super::contents::Contents;
use super::fact::ExpectedFact;

/// What each cart should have.
pub type ExpectedCarts = BTreeMap<Uuid, ExpectedCart>;

/// What a cart should have, after all changes that were acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedCart {
    /// What each version says, by the answers to the clients. Between these the cart may say that nothing was changed for
    /// some time, and that it is changed again.
    pub facts: BTreeMap<i64, ExpectedFact>,
    /// What is in it in the end, or was when it ended.
    pub contents: Contents,
    /// The cart that it was merged into.
    pub merged_into: Option<Uuid>,
    /// Whether a client was told that it has ended.
    pub is_told_to_have_ended: bool,
    /// Answers to changes that left everything as it was, with a version that no client made.
    pub idle: Vec<i64>,
    /// Answers that can't all be true: the version, and what is wrong.
    pub contradictions: Vec<(i64, String)>,
    version: i64,
}

impl ExpectedCart {
    /// A cart that was opened; `addressed` if its shopper gave an address: that is its first version.
    pub(super) fn opened(addressed: bool) -> Self {
        let mut cart = Self::default();
        if addressed {
            cart.write(1, vec![ExpectedFact::Attached]);
        }
        cart
    }

    /// The last version that a client made.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many additions there are.
    #[must_use]
    pub fn additions(&self) -> usize {
        self.facts.values().filter(|fact| matches!(fact, ExpectedFact::Added { .. })).count()
    }

    /// Several answers may have the same version: a quantity that is set to what it is changes nothing. One of them
    /// made the version, and the others had nothing to do after it. `others`: all carts that these changes may name.
    pub(super) fn apply_version(&mut self, version: i64, changes: &[Change], others: &ExpectedCarts) {
        let facts = |contents: &Contents, change: &Change| {
            let other = if let Change::Merge { from } = change { others.get(from) } else { None };
            contents.facts(change, other.map(|other| &other.contents))
        };
        let does_nothing = |contents: &Contents, change: &Change| {
            facts(contents, change).is_ok_and(|facts| facts.is_empty())
        };
        let made_by = |maker: usize| {
            let made = facts(&self.contents, &changes[maker]).ok().filter(|facts| !facts.is_empty())?;
            let mut after = self.contents.clone();
            for fact in &made {
                after.apply(version, fact);
            }
            let mut others = changes.iter().enumerate().filter(|(other, _)| *other != maker);
            others.all(|(_, other)| does_nothing(&after, other)).then_some(made)
        };
        match (0..changes.len()).find_map(made_by) {
            Some(facts) => self.write(version, facts),
            None if changes.iter().all(|change| does_nothing(&self.contents, change)) => {
                self.idle.push(version);
            }
            None => {
                let found = format!("answers that can't all be true: {changes:?}");
                self.contradictions.push((version, found));
            }
        }
    }

    /// These facts are the last ones up to this version.
    fn write(&mut self, version: i64, facts: Vec<ExpectedFact>) {
        let before = version - i64::try_from(facts.len()).unwrap_or(i64::MAX);
        if before < self.version {
            self.contradictions.push((version, "answered before the cart had it".to_owned()));
        }
        for (version, fact) in (before + 1..).zip(facts) {
            self.contents.apply(version, &fact);
            self.facts.insert(version, fact);
        }
        self.version = version;
    }
}
