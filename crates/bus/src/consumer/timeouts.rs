use std::time::Duration;

/// How long a consumer waits for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// For one batch: then its connection to the database counts as half open.
    pub handling: Duration,
    /// For a database that is away: then the messages are given back.
    pub outage: Duration,
    /// For a gap to close by itself: then the event log is searched.
    pub gap: Duration,
    /// Until the position of a subject that has ended is deleted.
    pub ended: Duration,
}
