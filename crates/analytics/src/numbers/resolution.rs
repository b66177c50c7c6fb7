//! Minutes, hours and days, and for how long they are kept.

use chrono::{DateTime, Days, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How finely figures are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days, in UTC.
    Day,
}

/// For how many days what is kept. Days' figures are kept forever.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Minutes' figures.
    pub minutes: u32,
    /// Hours' figures.
    pub hours: u32,
    /// The index of events; 0: none is kept.
    pub envelopes: u32,
}

impl Resolution {
    /// All of them, the finest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// Its name in the database.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// How long each is.
    #[must_use]
    pub fn length(self) -> TimeDelta {
        match self {
            Self::Minute => TimeDelta::minutes(1),
            Self::Hour => TimeDelta::hours(1),
            Self::Day => TimeDelta::days(1),
        }
    }

    /// The beginning of the minute, hour or day that this is in.
    #[must_use]
    pub fn start(self, time: DateTime<Utc>) -> DateTime<Utc> {
        let into = time.timestamp().rem_euclid(self.length().num_seconds());
        let start = DateTime::from_timestamp(time.timestamp() - into, 0);
        start.unwrap_or(time)
    }
}

impl Retention {
    /// The oldest figures that are still kept begin here; none, where all are.
    #[must_use]
    pub fn horizon(self, resolution: Resolution, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = match resolution {
            Resolution::Minute => self.minutes,
            Resolution::Hour => self.hours,
            Resolution::Day => return None,
        };
        Some(resolution.start(before(now, days)))
    }

    /// The oldest events that are still in the index happened on this day, from its beginning on.
    #[must_use]
    pub fn envelopes_since(self, now: DateTime<Utc>) -> DateTime<Utc> {
        Resolution::Day.start(before(now, self.envelopes))
    }

    /// Whether the index has events of this time. One that is dated far ahead would have a day of its own for years.
    #[must_use]
    pub fn indexes(self, time: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.envelopes > 0 && time >= self.envelopes_since(now) && time < now + TimeDelta::days(1)
    }
}

fn before(now: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    now.checked_sub_days(Days::new(days.into())).unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_in_its_minute_hour_and_day() {
        let starts = Resolution::ALL.map(|resolution| resolution.start(time("2026-11-29T18:07:59.999Z")));
        let expected = ["2026-11-29T18:07:00Z", "2026-11-29T18:00:00Z", "2026-11-29T00:00:00Z"].map(time);
        assert_eq!(starts, expected);
        assert_eq!(Resolution::Minute.start(expected[0]), expected[0]);
        assert_eq!(Resolution::Day.start(time("1969-12-31T23:59:59Z")), time("1969-12-31T00:00:00Z"));
    }

    #[test]
    fn what_is_too_old_or_dated_ahead_is_not_in_the_index() {
        let retention = Retention { minutes: 3, hours: 90, envelopes: 7 };
        let now = time("2026-11-29T18:07:00Z");
        assert!(retention.indexes(time("2026-11-22T00:00:00Z"), now));
        assert!(!retention.indexes(time("2026-11-21T23:59:59Z"), now));
        assert!(!retention.indexes(time("2026-11-30T18:07:00Z"), now));
        assert!(!Retention { envelopes: 0, ..retention }.indexes(now, now));
        assert_eq!(retention.horizon(Resolution::Minute, now), Some(time("2026-11-26T18:07:00Z")));
        assert_eq!(retention.horizon(Resolution::Day, now), None);
    }
}
