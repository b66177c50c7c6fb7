//! What the demo shows in the end.

mod display;

use std::collections::BTreeMap;

use super::statistics::{Holds, Mails, RelatedPair};
use super::watch::Consumer;
use crate::checker::Audit;
use crate::workload::replay::Replayed;

/// What the shop refuses by a rule that the baskets are known to break.
const BY_RULE: [&str; 2] = ["quantity-too-large", "too-many-lines"];

/// Everything that is shown.
pub struct Report {
    /// What the clients got.
    pub replayed: Replayed,
    /// How many additions of an earlier, interrupted run were repeated.
    pub repeated: usize,
    /// What has not settled, in words.
    pub unsettled: Vec<String>,
    pub facts: Facts,
    pub audit: Audit,
}

/// What the services did with it.
pub struct Facts {
    /// How many events each service published in this run.
    pub published: BTreeMap<&'static str, i64>,
    pub holds: Holds,
    /// How often a line got something that it had waited for.
    pub filled: u64,
    pub mails: Mails,
    /// Mails that came to the mailbox in this run, and how many of them had come before.
    pub mailbox: Option<(u64, u64)>,
    pub recommendations: Vec<RelatedPair>,
    pub consumers: Vec<Consumer>,
    /// Carts that are not audited.
    pub lapsed: usize,
}

impl Report {
    /// Whether the audit is clean and nothing unexpected happened.
    pub fn is_good(&self) -> bool {
        self.audit.is_clean() && self.unsettled.is_empty() && self.unexpected().next().is_none()
    }

    /// Refusals that no rule explains.
    fn unexpected(&self) -> impl Iterator<Item = (&String, &(u64, String))> {
        self.replayed.refused.iter().filter(|(problem, _)| !BY_RULE.contains(&problem.as_str()))
    }
}

/// By how much each number grew.
pub fn growth(
    before: &BTreeMap<&'static str, i64>,
    after: &BTreeMap<&'static str, i64>,
) -> BTreeMap<&'static str, i64> {
    after.iter().map(|(service, after)| (*service, after - before.get(service).unwrap_or(&0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_what_came_since() {
        let grown = growth(&BTreeMap::from([("cart", 5)]), &BTreeMap::from([("cart", 12), ("notify", 3)]));
        assert_eq!(grown, BTreeMap::from([("cart", 7), ("notify", 3)]));
    }
}
