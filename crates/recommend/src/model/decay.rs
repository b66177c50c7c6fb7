//! Forgetting without touching what was learned: a newer cart weighs more, instead of an older one less (forward decay;
//! Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009). The weights' common scale has no meaning.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An hour, counted from 1970. Finer times would change no suggestion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hour(u32);

impl From<DateTime<Utc>> for Hour {
    fn from(time: DateTime<Utc>) -> Self {
        Self(u32::try_from(time.timestamp() / 3600).unwrap_or_default())
    }
}

impl Hour {
    /// The day that it is in, counted from 1970.
    #[must_use]
    pub fn day(self) -> u32 {
        self.0 / 24
    }
}

/// Weights may grow by so many half-lives before they are rescaled. A number of 64 bits overflows after 1,023.
const RESCALED_AFTER: u16 = 500;

/// Weighs hours: one that is a half-life later weighs twice as much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decay {
    /// The hour that weighs 1, in hours since 1970: the first that was weighed.
    origin: Option<f64>,
    half_life: f64,
}

impl Decay {
    /// A decay with this half-life.
    #[must_use]
    pub fn with_half_life_of_days(days: f64) -> Self {
        Self { origin: None, half_life: days * 24.0 }
    }

    /// The weight of an hour. Only together with other weights of this decay does it mean something.
    #[must_use]
    pub fn weight(&self, hour: Hour) -> f64 {
        self.half_lives(hour).exp2()
    }

    /// Makes ready for weighing an hour. Returns the factor, a power of two and so without rounding, by which
    /// everything that was weighed before must be multiplied.
    pub fn rescale(&mut self, hour: Hour) -> Option<f64> {
        let origin = *self.origin.get_or_insert(f64::from(hour.0));
        if self.half_lives(hour) <= f64::from(RESCALED_AFTER) {
            return None;
        }
        let half_lives = self.half_lives(hour).floor();
        self.origin = Some(origin + half_lives * self.half_life);
        Some((-half_lives).exp2())
    }

    fn half_lives(&self, hour: Hour) -> f64 {
        (f64::from(hour.0) - self.origin.unwrap_or_default()) / self.half_life
    }
}
