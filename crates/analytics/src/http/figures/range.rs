use chrono::{DateTime, Utc};
use service::Problem;

use crate::http::problems::{empty_range, long_range};
use crate::numbers::Resolution;

/// The most minutes, hours or days in one answer: a day of minutes, two months of hours, four years of days.
const MOST: i32 = 1_500;
/// Where the beginning is left out.
const USUAL: i32 = 60;

/// Whole minutes, hours or days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub resolution: Resolution,
    /// The beginning of the first.
    pub from: DateTime<Utc>,
    /// The end of the last.
    pub until: DateTime<Utc>,
}

impl Range {
    /// Those that have any part of what is asked for: until now unless it says otherwise.
    pub fn new(
        resolution: Resolution,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        let length = resolution.length();
        let last = until.unwrap_or(now);
        let first = from.or_else(|| last.checked_sub_signed(length * (USUAL - 1))).unwrap_or(last);
        if first > last || (first == last && until.is_some()) {
            return Err(empty_range());
        }
        let (from, start) = (resolution.start(first), resolution.start(last));
        let until =
            if until == Some(start) { start } else { start.checked_add_signed(length).unwrap_or(start) };
        if until - from > length * MOST {
            return Err(long_range(MOST.into(), resolution.column()));
        }
        Ok(Self { resolution, from, until })
    }

    /// The beginnings of all of them.
    pub fn starts(self) -> impl Iterator<Item = DateTime<Utc>> {
        let next = move |start: &DateTime<Utc>| start.checked_add_signed(self.resolution.length());
        std::iter::successors(Some(self.from), next).take_while(move |start| *start < self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: Option<&str>, until: Option<&str>) -> Result<(String, String, usize), String> {
        let time = |text: &str| -> DateTime<Utc> { format!("2026-11-29T{text}Z").parse().unwrap() };
        let range = Range::new(Resolution::Minute, from.map(time), until.map(time), time("18:07:30"));
        let range = range.map_err(|problem| format!("{problem:?}"))?;
        let shown = |time: DateTime<Utc>| time.format("%H:%M:%S").to_string();
        Ok((shown(range.from), shown(range.until), range.starts().count()))
    }

    fn expected(from: &str, until: &str, parts: usize) -> (String, String, usize) {
        (from.to_owned(), until.to_owned(), parts)
    }

    #[test]
    fn the_minute_that_is_not_over_is_in_it() {
        assert_eq!(range(None, None).unwrap(), expected("17:08:00", "18:08:00", 60));
        assert_eq!(range(Some("18:05:59"), None).unwrap(), expected("18:05:00", "18:08:00", 3));
    }

    #[test]
    fn the_end_of_a_minute_is_not_in_the_next_one() {
        assert_eq!(range(Some("18:00:00"), Some("18:01:00")).unwrap(), expected("18:00:00", "18:01:00", 1));
        assert_eq!(range(Some("18:00:00"), Some("18:01:01")).unwrap(), expected("18:00:00", "18:02:00", 2));
    }

    #[test]
    fn a_range_that_is_empty_or_too_long_is_refused() {
        assert!(range(Some("18:01:00"), Some("18:00:00")).is_err());
        assert!(range(Some("18:01:00"), Some("18:01:00")).is_err());
        let week = DateTime::UNIX_EPOCH..DateTime::UNIX_EPOCH + chrono::TimeDelta::days(7);
        assert!(Range::new(Resolution::Minute, Some(week.start), Some(week.end), week.end).is_err());
        assert!(Range::new(Resolution::Hour, Some(week.start), Some(week.end), week.end).is_ok());
    }
}
