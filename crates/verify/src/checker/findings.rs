//! What a run found.

use std::collections::BTreeMap;

/// A promise that was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breach {
    /// An acknowledged change has no effect somewhere.
    Lost,
    /// An effect happened twice, or without an acknowledged change.
    Doubled,
    /// The effects are not those of the acknowledged order.
    OutOfOrder,
    /// More is promised than there is.
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

impl Breach {
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

    /// For people.
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

/// All breaches, each with what was found.
#[derive(Clone, Debug, Default)]
pub struct Findings(BTreeMap<Breach, Vec<String>>);

impl Findings {
    /// Notes a breach.
    pub fn add(&mut self, breach: Breach, found: String) {
        self.0.entry(breach).or_default().push(found);
    }

    /// What was found of a kind.
    pub fn of(&self, breach: Breach) -> &[String] {
        self.0.get(&breach).map_or(&[], Vec::as_slice)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number that should be another one: less is lost, more is doubled.
    pub fn compare(&mut self, what: impl Fn() -> String, expected: i64, found: i64) {
        let breach = match found.cmp(&expected) {
            std::cmp::Ordering::Less => Breach::Lost,
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Greater => Breach::Doubled,
        };
        self.add(breach, format!("{}: {found}, should be {expected}", what()));
    }
}
