use chrono::TimeDelta;
use serde::Deserialize;

use crate::texts::NumbersTexts;

/// For how long one looks back.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    #[default]
    Hour,
    Day,
    Week,
    Quarter,
}

impl Span {
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Quarter];

    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Quarter => "quarter",
        }
    }

    pub fn title(self, texts: &NumbersTexts) -> &'static str {
        match self {
            Self::Hour => texts.last_hour,
            Self::Day => texts.last_day,
            Self::Week => texts.last_week,
            Self::Quarter => texts.last_quarter,
        }
    }

    /// How finely analytics is asked.
    pub fn by(self) -> &'static str {
        match self {
            Self::Hour => "minute",
            Self::Day | Self::Week => "hour",
            Self::Quarter => "day",
        }
    }

    /// How long that is.
    pub fn step(self) -> TimeDelta {
        match self {
            Self::Hour => TimeDelta::minutes(1),
            Self::Day | Self::Week => TimeDelta::hours(1),
            Self::Quarter => TimeDelta::days(1),
        }
    }

    /// How many of these one bar covers.
    pub fn steps_a_bar(self) -> usize {
        if self == Self::Week { 3 } else { 1 }
    }

    /// How many bars there are.
    pub fn bars(self) -> usize {
        match self {
            Self::Hour => 60,
            Self::Day => 24,
            Self::Week => 56,
            Self::Quarter => 90,
        }
    }

    /// How the beginning of a bar is written.
    pub fn format(self) -> &'static str {
        match self {
            Self::Hour | Self::Day => "%H:%M",
            Self::Week => "%a %H:%M",
            Self::Quarter => "%-d %b",
        }
    }
}
