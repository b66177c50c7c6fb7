//! How to fix what goes wrong with delivery, in the words of `cartwheel doctor` and of the console. What is between backticks
//! is typed.

/// Events are parked, and not because an earlier one is missing.
pub const PARKED: &str = "`cartwheel parked list` and the console's page Parked and dead show the errors. Once the cause is fixed, retry them; discard what can never be processed. If most events of a type fail, suspect the last deployment.";
/// There are dead letters.
pub const DEAD_LETTERS: &str = "The service's log says why it took none of them; `cartwheel dead-letters list` and the console's page Parked and dead show them. Once the cause is fixed, take them back there; while the service is down, `cartwheel dead-letters put-back` returns them to its queue.";
/// The broker refuses an event of an outbox.
pub const REFUSED: &str = "Raise the broker's limit (max_message_size, for a message that is too large); the event is tried again by itself.";
/// Events were published, and the broker does not confirm them.
pub const UNCONFIRMED: &str = "A queue that they go to may be without its quorum: bring its nodes back, and don't restart the publishers meanwhile. They are published again by themselves; nothing is lost.";
/// A relay is at work, and its outbox does not empty.
pub const OUTBOX_STUCK: &str = "The broker may block publishers (a memory or disk alarm), confirm nothing, or not be reached from where the service runs: its /health/details says which. Events wait meanwhile; nothing is lost.";
/// Timers are overdue.
pub const TIMERS_LATE: &str = "Is the service running, in a release that knows this kind of timer? Its /health/details and its log say what its timers wait for.";
/// Timers have failed too often.
pub const TIMERS_FAILED: &str =
    "`cartwheel timers list` shows the errors; once the cause is fixed, `cartwheel timers retry` fires them.";
