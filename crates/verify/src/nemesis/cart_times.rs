use chrono::TimeDelta;

use crate::checker::Periods;

const QUIET: TimeDelta = TimeDelta::seconds(3);
const ABANDONED: TimeDelta = TimeDelta::seconds(6);
const EXPIRY: TimeDelta = TimeDelta::seconds(25);

/// How soon carts say that nothing was changed in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CartTimes {
    /// Within seconds, so that it happens while faults are injected.
    Short,
    /// Never within a run.
    Long,
}

impl CartTimes {
    /// These times.
    #[must_use]
    pub fn periods(self) -> Periods {
        match self {
            Self::Short => Periods { quiet: QUIET, abandoned: ABANDONED, expiry: EXPIRY },
            Self::Long => {
                let day = TimeDelta::days(1);
                Periods { quiet: day, abandoned: day, expiry: day }
            }
        }
    }

    /// The cart service's settings for them.
    #[must_use]
    pub fn environment(self) -> Vec<(&'static str, String)> {
        let Periods { quiet, abandoned, expiry } = self.periods();
        vec![
            ("CARTWHEEL_QUIET_MINUTES", (quiet.as_seconds_f64() / 60.0).to_string()),
            ("CARTWHEEL_ABANDONED_MINUTES", (abandoned.as_seconds_f64() / 60.0).to_string()),
            ("CARTWHEEL_EXPIRY_HOURS", (expiry.as_seconds_f64() / 3600.0).to_string()),
        ]
    }
}
