//! Which events may be one that the broker refuses.
//!
//! A broker that is sent a message which is too large for it, say, closes the channel and does not tell which one it was.
//! So what was on its way then is published again one by one: the one that closes the channel alone is refused.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::error::BusError;
use crate::outbox_row::OutboxRow;
use crate::passive_declare::reply_code;

/// AMQP's code for what the broker won't do, such as taking a message of that size.
const PRECONDITION_FAILED: u16 = 406;

/// Outlives sessions: the refusal ends one.
#[derive(Debug, Default)]
pub(crate) struct RefusalSuspects {
    /// Rows up to this one are suspects.
    until: AtomicI64,
}

impl RefusalSuspects {
    /// What may be published at once: only one suspect.
    pub fn split<'a>(&self, window: &'a [OutboxRow]) -> &'a [OutboxRow] {
        let until = self.until.load(Ordering::Relaxed);
        match window.first() {
            Some(first) if first.id <= until => &window[..1],
            _ => window,
        }
    }

    /// Notes that one of these rows closed the channel.
    pub fn note(&self, rows: &[OutboxRow]) {
        if let Some(last) = rows.last() {
            self.note_id(last.id);
        }
    }

    /// Notes that this row was refused before.
    pub fn note_id(&self, id: i64) {
        self.until.fetch_max(id, Ordering::Relaxed);
    }
}

/// Why the broker closed the channel, if it did because of a message.
pub(super) fn refusal(error: &BusError) -> Option<String> {
    match error {
        BusError::Broker(error) if reply_code(error) == Some(PRECONDITION_FAILED) => Some(error.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use lapin::ErrorKind;
    use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPSoftError};

    use super::*;

    #[test]
    fn only_what_the_publishing_channel_is_told_is_a_refusal() {
        let kind = AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED);
        let error = || AMQPError::new(kind.clone(), "no".into());
        let refused = || BusError::from(lapin::Error::from(ErrorKind::ProtocolError(error())));
        assert!(refusal(&refused()).is_some());
        assert!(refusal(&BusError::Log(Box::new(refused()))).is_none(), "the log is another channel's");
    }
}
