//! Acknowledges many deliveries with one frame: single acknowledgements cost a third of the throughput (measured).

use std::collections::BTreeSet;

use lapin::Channel;
use lapin::message::Delivery;
use lapin::options::BasicAckOptions;

/// The deliveries of one channel that are not acknowledged yet. A delivery tag means nothing on another channel, so
/// this lives as long as a session.
#[derive(Default)]
pub(crate) struct Acks {
    open: BTreeSet<u64>,
    done: BTreeSet<u64>,
}

impl Acks {
    pub fn delivered(&mut self, delivery: &Delivery) {
        self.open.insert(delivery.delivery_tag);
    }

    /// The delivery's effects are committed, here or in an earlier session.
    pub fn done(&mut self, tag: u64) {
        if self.open.remove(&tag) {
            self.done.insert(tag);
        }
    }

    /// One frame for all that have no open delivery below them, one each for the others.
    pub async fn send(&mut self, channel: &Channel) -> Result<(), lapin::Error> {
        let (together, single) = split(std::mem::take(&mut self.done), &self.open);
        if let Some(tag) = together {
            channel.basic_ack(tag, BasicAckOptions { multiple: true }).await?;
        }
        for tag in single {
            channel.basic_ack(tag, BasicAckOptions { multiple: false }).await?;
        }
        Ok(())
    }
}

fn split(mut done: BTreeSet<u64>, open: &BTreeSet<u64>) -> (Option<u64>, BTreeSet<u64>) {
    let single = open.first().map(|lowest| done.split_off(lowest)).unwrap_or_default();
    (done.last().copied(), single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_below_every_open_delivery_is_acknowledged_together() {
        assert_eq!(split([1, 2, 3].into(), &[].into()), (Some(3), [].into()));
        assert_eq!(split([1, 2, 5, 6].into(), &[4].into()), (Some(2), [5, 6].into()));
        assert_eq!(split([5].into(), &[4].into()), (None, [5].into()));
    }
}
