//! Where a look at the outbox begins.
//!
//! An open snapshot anywhere in the database keeps deleted rows in the table and in its index, and a look from the
//! beginning walks over all of them. So a usual look begins behind the rows that were deleted some time ago. That
//! alone could skip a row for ever: ids are given out before the commit, so a lower id can commit after a higher one.
//! Every few seconds a look does begin at the beginning, and finds the rows of such slow transactions.

use std::time::{Duration, Instant};

/// Few transactions take longer than this between writing an event and their commit.
const AGE: Duration = Duration::from_secs(2);
/// Those of the few that do may be late by this much. A shorter time would cost more than it gives: such a look takes
/// a few tenths of a second beside a long open snapshot.
const FROM_THE_BEGINNING: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Mark {
    /// Behind this one a usual look begins.
    settled: i64,
    /// The highest that was deleted when this was noted; it becomes the settled one when it is old enough.
    noted: Option<(Instant, i64)>,
    highest: i64,
    began_at_zero: Option<Instant>,
}

impl Mark {
    /// Notes that rows up to this one were deleted.
    pub fn deleted(&mut self, id: i64) {
        self.highest = self.highest.max(id);
    }

    /// The next look is for rows behind this one.
    pub fn look(&mut self, now: Instant) -> i64 {
        if self.began_at_zero.is_none_or(|at| now.duration_since(at) >= FROM_THE_BEGINNING) {
            self.began_at_zero = Some(now);
            return 0;
        }
        match self.noted {
            Some((at, id)) if now.duration_since(at) >= AGE => {
                self.settled = id;
                self.noted = Some((now, self.highest));
            }
            Some(_) => {}
            None => self.noted = Some((now, self.highest)),
        }
        self.settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(50);

    /// Looks again and again, and returns where each look began.
    fn looks(mark: &mut Mark, from: Instant, looks: u32) -> Vec<i64> {
        (0..looks).map(|look| mark.look(from + MOMENT * look)).collect()
    }

    #[test]
    fn the_first_look_begins_at_the_beginning_and_so_does_one_every_few_seconds() {
        let (mut mark, start) = (Mark::default(), Instant::now());
        mark.deleted(10);
        let begins = looks(&mut mark, start, 201);
        let at_zero: Vec<usize> = (50..201).filter(|look| begins[*look] == 0).collect();
        assert_eq!((begins[0], at_zero), (0, vec![100, 200]));
    }

    #[test]
    fn a_usual_look_begins_behind_what_was_deleted_long_enough_ago() {
        let (mut mark, start) = (Mark::default(), Instant::now());
        mark.deleted(10);
        looks(&mut mark, start, 2);
        mark.deleted(20);
        assert_eq!(mark.look(start + MOMENT + AGE), 10, "20 was deleted after 10 was noted");
    }

    #[test]
    fn nothing_deleted_is_skipped_before_it_is_old_enough() {
        let (mut mark, start) = (Mark::default(), Instant::now());
        mark.deleted(10);
        assert!(looks(&mut mark, start, 40).iter().all(|begin| *begin == 0));
    }
}
