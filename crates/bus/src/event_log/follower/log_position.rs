//! How far the log has been read.

use crate::event_log::logged::Logged;

/// An event in the log up to which everything was taken. It also says which event that was, since a log that was recreated
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
    /// The position of this event.
    #[must_use]
    pub fn of(logged: &Logged) -> Self {
        let event_id = logged.event_id().map(str::to_owned);
        Self { offset: logged.offset, index: logged.index, event_id }
    }
}

/// Events that a follower will never see, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The log dropped this many messages before they were read: it keeps too little, or the follower was down for too long.
    Dropped {
        /// How many; each has one event or more.
        messages: i64,
    },
    /// The log was deleted and recreated: the last events of the previous one are gone, and nobody knows how many they were.
    Recreated,
}
