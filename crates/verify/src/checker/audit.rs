use std::fmt;

use events::cart::CartEvent as What;

use super::cart_event::CartEvents;
use super::findings::Findings;
use crate::history::{ExpectedCart, ExpectedCarts};

/// The outcome of a check.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// How many carts were checked.
    pub carts: usize,
    /// How many acknowledged additions were checked.
    pub additions: usize,
    /// How many of their mails the mail server took.
    pub mails_sent: u64,
    /// How many times a mail came to the mailbox again, with the same Message-ID: once means at least once there, and
    /// there alone.
    pub mails_resent: u64,
    /// How often a cart said this.
    pub said: Said,
    /// What is wrong.
    pub findings: Findings,
}

/// How often a cart said something of these kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// It fell quiet.
    pub quiet: u64,
    /// It was changed again.
    pub resumed: u64,
    /// It was abandoned.
    pub abandoned: u64,
    /// It expired.
    pub expired: u64,
    /// It was merged into another one.
    pub merged: u64,
    /// It was deleted.
    pub deleted: u64,
}

impl Audit {
    /// Before the check.
    pub(super) fn of(expected: &ExpectedCarts) -> Self {
        let additions = expected.values().map(ExpectedCart::additions).sum();
        Self { carts: expected.len(), additions, ..Self::default() }
    }

    /// Counts what carts said.
    pub(super) fn count(&mut self, events: &CartEvents) {
        let said = &mut self.said;
        for event in events.values().flatten() {
            match event.what {
                What::CartQuiet(_) => said.quiet += 1,
                What::CartResumed(_) => said.resumed += 1,
                What::CartAbandoned(_) => said.abandoned += 1,
                What::CartExpired(_) => said.expired += 1,
                What::CartMerged(_) => said.merged += 1,
                What::CartDeleted(_) => said.deleted += 1,
                _ => {}
            }
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            return write!(f, "every acknowledged addition took effect once in every service");
        }
        write!(f, "{}the audit failed: {}", self.findings, self.findings.summary())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_without_findings_is_clean() {
        let mut audit = Audit::default();
        audit.findings.compare(|| "pieces in holds".to_owned(), 2, 2);
        assert!(audit.is_clean());
        assert_eq!(audit.to_string(), "every acknowledged addition took effect once in every service");
    }

    #[test]
    fn what_is_missing_and_what_is_doubled_are_told_apart() {
        let mut audit = Audit::default();
        audit.findings.compare(|| "pieces in holds".to_owned(), 2, 0);
        audit.findings.compare(|| "pieces in holds".to_owned(), 2, 4);
        assert!(!audit.is_clean());
        let text = audit.to_string();
        assert!(text.contains("lost: pieces in holds: 0, should be 2"), "{text}");
        assert!(text.contains("doubled: pieces in holds: 4, should be 2"), "{text}");
        assert!(text.ends_with("1 lost, 1 doubled"), "{text}");
    }
}
