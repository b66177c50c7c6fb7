use std::collections::BTreeMap;

use uuid::Uuid;

use super::expected_contents::ExpectedContents;
use super::expected_event::ExpectedEvent;
use super::requested_change::RequestedChange;

/// What each cart should have.
pub type ExpectedCarts = BTreeMap<Uuid, ExpectedCart>;

/// What a cart should have, after all changes that were acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedCart {
    /// The event of each version, as the answers to clients imply. Between these the cart may publish that nothing was changed
    /// for some time, and that it is changed again.
    pub events: BTreeMap<i64, ExpectedEvent>,
    /// What is in it in the end, or was when it ended.
    pub contents: ExpectedContents,
    /// The cart that it was merged into.
    pub merged_into: Option<Uuid>,
    /// Whether a client was told that it has ended.
    pub is_reported_ended: bool,
    /// The versions in answers to changes that left everything as it was, if no client made them.
    pub no_ops: Vec<i64>,
    /// Answers that can't all be true: the version, and what is wrong.
    pub contradictions: Vec<(i64, String)>,
    version: i64,
}

impl ExpectedCart {
    /// A cart that was opened; `addressed` if its shopper gave an address: that is its first version.
    pub(super) fn opened(addressed: bool) -> Self {
        let mut cart = Self::default();
        if addressed {
            cart.write(1, vec![ExpectedEvent::Attached]);
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
        self.events.values().filter(|event| matches!(event, ExpectedEvent::Added { .. })).count()
    }

    /// Several answers may have the same version: a quantity that is set to what it is changes nothing. One of them
    /// made the version, and the others had nothing to do after it. `others`: all carts that these changes may name.
    pub(super) fn apply_version(
        &mut self,
        version: i64,
        changes: &[RequestedChange],
        others: &ExpectedCarts,
    ) {
        let events = |contents: &ExpectedContents, change: &RequestedChange| {
            let other = if let RequestedChange::Merge { from } = change { others.get(from) } else { None };
            contents.events(change, other.map(|other| &other.contents))
        };
        let does_nothing = |contents: &ExpectedContents, change: &RequestedChange| {
            events(contents, change).is_ok_and(|events| events.is_empty())
        };
        let made_by = |maker: usize| {
            let made = events(&self.contents, &changes[maker]).ok().filter(|events| !events.is_empty())?;
            let mut after = self.contents.clone();
            for event in &made {
                after.apply(version, event);
            }
            let mut others = changes.iter().enumerate().filter(|(other, _)| *other != maker);
            others.all(|(_, other)| does_nothing(&after, other)).then_some(made)
        };
        match (0..changes.len()).find_map(made_by) {
            Some(events) => self.write(version, events),
            None if changes.iter().all(|change| does_nothing(&self.contents, change)) => {
                self.no_ops.push(version);
            }
            None => {
                let found = format!("answers that can't all be true: {changes:?}");
                self.contradictions.push((version, found));
            }
        }
    }

    /// These events are the last ones up to this version.
    fn write(&mut self, version: i64, events: Vec<ExpectedEvent>) {
        let before = version - i64::try_from(events.len()).unwrap_or(i64::MAX);
        if before < self.version {
            self.contradictions.push((version, "answered before the cart had it".to_owned()));
        }
        for (version, event) in (before + 1..).zip(events) {
            self.contents.apply(version, &event);
            self.events.insert(version, event);
        }
        self.version = version;
    }
}
