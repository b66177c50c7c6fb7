//! Acknowledges many deliveries with one frame: single acknowledgements cost a third of the throughput (measured).

use std::collections::{BTreeMap, BTreeSet};

use lapin::Channel;
use lapin::options::BasicAckOptions;

/// Whether the broker takes every delivery for acknowledged, which is never the case in a release build.
pub(crate) fn are_not_wanted() -> bool {
    #[cfg(debug_assertions)]
    return crate::fault_injection::is(crate::fault_injection::Fault::AckBeforeCommit);
    #[cfg(not(debug_assertions))]
    false
}

/// The deliveries of one channel that are not acknowledged yet. A delivery tag means nothing on another channel, so
/// this lives as long as a session.
#[derive(Default)]
pub(crate) struct Acks {
    /// With how many of its events are still to be done.
    open: BTreeMap<u64, usize>,
    done: BTreeSet<u64>,
}

impl Acks {
    /// A message with this many events was delivered.
    pub fn delivered(&mut self, tag: u64, events: usize) {
        self.open.insert(tag, events);
    }

    /// The effects of one of the message's events are committed, here or in an earlier session.
    pub fn done(&mut self, tag: u64) {
        let Some(left) = self.open.get_mut(&tag) else { return };
        *left -= 1;
        if *left == 0 {
            self.open.remove(&tag);
            self.done.insert(tag);
        }
    }

    /// One frame for all that have no open delivery below them, one each for the others.
    pub async fn send(&mut self, channel: &Channel) -> Result<(), lapin::Error> {
        if are_not_wanted() {
            return Ok(());
        }
        let (together, single) = split(std::mem::take(&mut self.done), self.open.keys().next());
        if let Some(tag) = together {
            channel.basic_ack(tag, BasicAckOptions { multiple: true }).await?;
        }
        for tag in single {
            channel.basic_ack(tag, BasicAckOptions { multiple: false }).await?;
        }
        Ok(())
    }
}

fn split(mut done: BTreeSet<u64>, lowest_open: Option<&u64>) -> (Option<u64>, BTreeSet<u64>) {
    let single = lowest_open.map(|lowest| done.split_off(lowest)).unwrap_or_default();
    (done.last().copied(), single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_below_every_open_delivery_is_acknowledged_together() {
        assert_eq!(split([1, 2, 3].into(), None), (Some(3), [].into()));
        assert_eq!(split([1, 2, 5, 6].into(), Some(&4)), (Some(2), [5, 6].into()));
        assert_eq!(split([5].into(), Some(&4)), (None, [5].into()));
    }

    #[test]
    fn a_message_is_done_when_each_of_its_events_is() {
        let mut acks = Acks::default();
        acks.delivered(1, 2);
        acks.delivered(2, 1);
        acks.done(2);
        acks.done(1);
        assert_eq!((acks.open.len(), acks.done.clone()), (1, [2].into()));
        acks.done(1);
        assert_eq!((acks.open.len(), acks.done), (0, [1, 2].into()));
    }
}
