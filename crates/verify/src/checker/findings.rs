//! What a check found.

use std::collections::BTreeMap;
use std::fmt;

/// Findings of a violation that are shown; more add nothing.
const SHOWN: usize = 5;

/// A promise that was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// An acknowledged change has no effect somewhere.
    Lost,
    /// An effect happened twice, or without an acknowledged change.
    Doubled,
    /// The effects are not those of the acknowledged order.
    OutOfOrder,
    /// More is held than there is.
    Oversold,
    /// An addition's mail is missing.
    MailLost,
    /// An addition has two mails, not the same one twice.
    MailTwice,
    /// Events stay parked, or something else does not settle.
    Unsettled,
    /// The broker gave up on a message.
    DeadLetter,
    /// A client got no answer, or one that makes no sense.
    Client,
}

impl Violation {
    /// All of them, as the table has them.
    pub const ALL: [Self; 9] = [
        Self::Lost,
        Self::Doubled,
        Self::OutOfOrder,
        Self::Oversold,
        Self::MailLost,
        Self::MailTwice,
        Self::Unsettled,
        Self::DeadLetter,
        Self::Client,
    ];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::OutOfOrder => "out of order",
            Self::Oversold => "oversold",
            Self::MailLost => "mails lost",
            Self::MailTwice => "mails sent twice",
            Self::Unsettled => "parked or unsettled",
            Self::DeadLetter => "dead letters",
            Self::Client => "clients without an answer",
        }
    }
}

/// All violations, each with what was found.
#[derive(Clone, Debug, Default)]
pub struct Findings(BTreeMap<Violation, Vec<String>>);

impl Findings {
    /// Adds a violation.
    pub fn add(&mut self, violation: Violation, found: String) {
        self.0.entry(violation).or_default().push(found);
    }

    /// What was found of one violation.
    #[must_use]
    pub fn of(&self, violation: Violation) -> &[String] {
        self.0.get(&violation).map_or(&[], Vec::as_slice)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number that should be another one: less is lost, more is doubled.
    pub fn compare(&mut self, what: impl Fn() -> String, expected: i64, found: i64) {
        let violation = match found.cmp(&expected) {
            std::cmp::Ordering::Less => Violation::Lost,
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Greater => Violation::Doubled,
        };
        self.add(violation, format!("{}: {found}, should be {expected}", what()));
    }

    /// How often each violation was found: `1 lost, 2 doubled`.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = self.0.iter().map(|(violation, found)| format!("{} {}", found.len(), violation.name()));
        counts.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Findings {
    /// The first of each violation, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (violation, found) in &self.0 {
            for line in found.iter().take(SHOWN) {
                writeln!(f, "{}: {line}", violation.name())?;
            }
            if found.len() > SHOWN {
                writeln!(f, "{}: … and {} more", violation.name(), found.len() - SHOWN)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_findings_of_a_violation_are_shown() {
        let mut findings = Findings::default();
        for number in 0..SHOWN + 5 {
            findings.add(Violation::Lost, format!("number {number}"));
        }
        let text = findings.to_string();
        assert_eq!(text.lines().count(), SHOWN + 1);
        assert!(text.contains("… and 5 more"), "{text}");
        assert_eq!(findings.summary(), "10 lost");
    }
}
