//! How far the log was read.

use crate::event_log::logged::Logged;

/// An event of the log: everything up to it was taken. Says also which one it was, since a log that was declared again
/// gives the same offsets to other events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// The offset of its message.
    pub offset: i64,
    /// Its place in the message, from 0.
    pub index: usize,
    /// Its id, unless it is a message that can't be read.
    pub event_id: Option<String>,
}

impl LogPosition {
    /// Where this is.
    #[must_use]
    pub fn of(logged: &Logged) -> Self {
        let event_id = logged.event_id().map(str::to_owned);
        Self { offset: logged.offset, index: logged.index, event_id }
    }
}

/// What a follower will never see, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The log dropped this many messages before they were read: it keeps too little, or the follower was away for too
    /// long.
    Dropped {
        /// How many, each with one event or more.
        messages: i64,
    },
    /// The log was deleted and declared again: what the former one had last is gone, nobody knows how much that was.
    Recreated,
}
