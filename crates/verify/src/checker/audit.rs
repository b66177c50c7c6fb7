use std::fmt;

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
    /// What is wrong.
    pub findings: Findings,
}

impl Audit {
    /// Before the check.
    pub(super) fn of(expected: &ExpectedCarts) -> Self {
        let additions = expected.values().map(ExpectedCart::additions).sum();
        Self { carts: expected.len(), additions, ..Self::default() }
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
