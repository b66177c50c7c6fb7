//! What is to be done with an event, by its number and its subject's position. Pure.
//!
//! Usually an event's `previous` is one less than its number. It is not for the first event that a publisher writes of a
//! subject after it was restored from a backup: that one names the last number that the backup knows, and is the first of a
//! new [epoch](crate::epoch). So a consumer sees by it whether it has taken events that its publisher has lost.

use crate::epoch::epoch_of;

/// What orders an event among those of its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub sequence: i64,
    /// The number of the event before it.
    pub previous: i64,
}

/// What is to be done with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It comes next.
    Next,
    /// It was taken, or is of a history that its publisher has lost.
    Duplicate,
    /// Events before it are missing.
    Gap,
    /// It comes next, and what was taken after `previous` is of a history that its publisher has lost.
    Fork,
    /// It leaves out events that were taken, without a restored backup: its publisher is at fault.
    Conflict,
}

impl Verdict {
    /// By the event's number and its subject's position: the number of the last event that was taken, 0 for none.
    pub fn of(position: i64, number: Number) -> Self {
        let Number { sequence, previous } = number;
        if sequence <= position {
            Self::Duplicate
        } else if previous == position {
            Self::Next
        } else if previous > position {
            Self::Gap
        } else if epoch_of(sequence) > epoch_of(position) {
            Self::Fork
        } else {
            Self::Conflict
        }
    }

    /// Whether the event is to be taken now.
    pub fn takes(self) -> bool {
        matches!(self, Self::Next | Self::Fork)
    }
}

#[cfg(test)]
mod tests;
