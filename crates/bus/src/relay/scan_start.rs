//! Where a scan of the outbox starts.
//!
//! An open snapshot anywhere in the database keeps deleted rows in the table and in its index, and a scan from the
//! beginning walks over all of them. So a usual scan starts behind the rows that were deleted some time ago. That
//! alone could skip a row forever: ids are given out before the commit, so a lower id can commit after a higher one.
//! Every few seconds a scan does start at the beginning, and finds the rows of such slow transactions.

use std::time::{Duration, Instant};

/// Few transactions take longer than this between writing an event and their commit.
const AGE: Duration = Duration::from_secs(2);
/// Those of the few that do may be late by this much. A shorter time would cost more than it gives: such a scan takes
/// a few tenths of a second beside a long open snapshot.
const FROM_THE_BEGINNING: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct ScanStart {
    /// A usual scan starts behind this one.
    settled: i64,
    /// The highest that was passed when this was noted; it becomes the settled one once it is old enough.
    noted: Option<(Instant, i64)>,
    highest: i64,
    started_at_zero: Option<Instant>,
}

impl ScanStart {
    /// Notes that rows up to this one were deleted, or published and wait for their confirms.
    pub fn passed(&mut self, id: i64) {
        self.highest = self.highest.max(id);
    }

    /// The next scan is for rows behind this one.
    pub fn next(&mut self, now: Instant) -> i64 {
        if self.started_at_zero.is_none_or(|at| now.duration_since(at) >= FROM_THE_BEGINNING) {
            self.started_at_zero = Some(now);
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

    /// Scans again and again, and returns where each scan started.
    fn scans(scan_start: &mut ScanStart, from: Instant, scans: u32) -> Vec<i64> {
        (0..scans).map(|scan| scan_start.next(from + MOMENT * scan)).collect()
    }

    #[test]
    fn the_first_scan_starts_at_the_beginning_and_so_does_one_every_few_seconds() {
        let (mut scan_start, start) = (ScanStart::default(), Instant::now());
        scan_start.passed(10);
        let starts = scans(&mut scan_start, start, 201);
        let at_zero: Vec<usize> = (50..201).filter(|scan| starts[*scan] == 0).collect();
        assert_eq!((starts[0], at_zero), (0, vec![100, 200]));
    }

    #[test]
    fn a_usual_scan_starts_behind_what_was_deleted_long_enough_ago() {
        let (mut scan_start, start) = (ScanStart::default(), Instant::now());
        scan_start.passed(10);
        scans(&mut scan_start, start, 2);
        scan_start.passed(20);
        assert_eq!(scan_start.next(start + MOMENT + AGE), 10, "20 was deleted after 10 was noted");
    }

    #[test]
    fn nothing_deleted_is_skipped_before_it_is_old_enough() {
        let (mut scan_start, start) = (ScanStart::default(), Instant::now());
        scan_start.passed(10);
        assert!(scans(&mut scan_start, start, 40).iter().all(|start| *start == 0));
    }
}
