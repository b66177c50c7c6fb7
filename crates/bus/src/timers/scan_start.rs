//! Where a scan for due timers starts.
//!
//! What has fired stays in the index until it is vacuumed, and an open snapshot anywhere in the database keeps it there: a
//! scan from the beginning walks over all of it. So a usual scan starts where the last one found nothing before. That alone
//! could leave out a timer: one that was set for then by a transaction that was committed later. So now and then a scan
//! does start at the beginning.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// Few transactions take longer than this between setting a timer and their commit.
const AGE: TimeDelta = TimeDelta::seconds(2);
/// The timers of those few may be late by this much.
const FROM_THE_BEGINNING: Duration = Duration::from_secs(5);
/// Scans from the beginning take no more than this share of the time, but for one a minute.
const SHARE: u32 = 200;
const RAREST: Duration = Duration::from_mins(1);

/// Where a scan for the due timers of a kind starts.
#[derive(Debug, Default)]
pub(super) struct ScanStart {
    start: Option<DateTime<Utc>>,
    next_from_the_beginning: Option<Instant>,
}

impl ScanStart {
    /// The next scan is for timers that are due from then on. None: for all.
    pub fn next(&self, now: Instant) -> Option<DateTime<Utc>> {
        self.start.filter(|_| self.next_from_the_beginning.is_some_and(|at| now < at))
    }

    /// A scan that started there took so long, and found `first` to be the first, while the database's clock said `db_now`.
    pub fn scanned(
        &mut self,
        from: Option<DateTime<Utc>>,
        began: Instant,
        took: Duration,
        first: Option<DateTime<Utc>>,
        db_now: DateTime<Utc>,
    ) {
        if from.is_none() {
            let pause = (took * SHARE).clamp(FROM_THE_BEGINNING, RAREST);
            self.next_from_the_beginning = Some(began + pause);
        }
        let settled = db_now - AGE;
        self.start = Some(first.map_or(settled, |first| first.min(settled)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_secs(second).unwrap()
    }

    #[test]
    fn a_usual_scan_starts_where_the_last_one_found_nothing_before() {
        let (mut start, now) = (ScanStart::default(), Instant::now());
        assert_eq!(start.next(now), None);
        start.scanned(None, now, MOMENT, Some(at(90)), at(100));
        assert_eq!(start.next(now), Some(at(90)));
        start.scanned(Some(at(90)), now, MOMENT, Some(at(500)), at(101));
        assert_eq!(start.next(now), Some(at(99)), "not above what a slow transaction may set");
        start.scanned(Some(at(99)), now, MOMENT, None, at(50));
        assert_eq!(start.next(now), Some(at(48)), "the clock was turned back");
    }

    #[test]
    fn one_every_few_seconds_starts_at_the_beginning_and_fewer_when_it_takes_long() {
        let (mut start, now) = (ScanStart::default(), Instant::now());
        start.scanned(None, now, MOMENT, None, at(100));
        assert!(start.next(now + Duration::from_millis(4_999)).is_some());
        assert_eq!(start.next(now + FROM_THE_BEGINNING), None);
        start.scanned(None, now, Duration::from_millis(100), None, at(100));
        assert!(start.next(now + Duration::from_secs(19)).is_some());
        assert_eq!(start.next(now + Duration::from_secs(20)), None);
        start.scanned(None, now, Duration::from_secs(9), None, at(100));
        assert_eq!(start.next(now + RAREST), None);
    }
}
