//! Epochs: how a publisher that was restored from an older backup numbers its events.
//!
//! What it published after the backup has numbers that its database knows nothing about. So it continues in a new epoch,
//! whose numbers are all greater: a number is the epoch times 2^32, plus a count from 1. A database begins with epoch 0.

/// A subject has fewer events than this in one epoch.
const NUMBERS: u32 = 32;

/// Before the first number of an epoch.
pub(crate) fn floor_of(epoch: i64) -> i64 {
    epoch << NUMBERS
}

/// The epoch that a number is of.
pub(crate) fn epoch_of(sequence: i64) -> i64 {
    sequence >> NUMBERS
}

/// The number that follows `last` in the epoch above this floor.
pub(crate) fn next_number(last: i64, floor: i64) -> i64 {
    last.max(floor) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_in_an_epoch_and_begin_again_in_the_next() {
        assert_eq!([0, 7].map(|last| next_number(last, floor_of(0))), [1, 8]);
        let first = next_number(7, floor_of(3));
        assert_eq!(
            (first, epoch_of(first), next_number(first, floor_of(3))),
            (3 * (1 << 32) + 1, 3, first + 1)
        );
        assert_eq!(epoch_of(7), 0);
    }
}
