//! Old carts count less, without touching what was learned from them: newer carts get a greater weight instead.
//!
//! This is forward decay (G. Cormode, V. Shkapenyuk, D. Srivastava, B. Xu: "Forward Decay", ICDE 2009). Only the ratio
//! of two weights means anything.

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

/// The number of half-lives by which weights may grow before they are rescaled. A 64-bit float overflows after 1,023.
const MAX_HALF_LIVES: u16 = 500;

/// Gives hours a weight that doubles with each half-life.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decay {
    /// The hour whose weight is 1, in hours since 1970: the first that was weighted.
    origin: Option<f64>,
    half_life: f64,
}

impl Decay {
    /// A decay with this half-life.
    #[must_use]
    pub fn with_half_life_of_days(days: f64) -> Self {
        Self { origin: None, half_life: days * 24.0 }
    }

    /// The weight of an hour. It means something only beside other weights of this decay.
    #[must_use]
    pub fn weight(&self, hour: Hour) -> f64 {
        self.half_lives(hour).exp2()
    }

    /// Prepares for the weight of this hour. Returns the factor by which all earlier weights must be multiplied, if the
    /// scale changes: a power of two, so nothing is rounded.
    pub fn rescale(&mut self, hour: Hour) -> Option<f64> {
        let origin = *self.origin.get_or_insert(f64::from(hour.0));
        if self.half_lives(hour) <= f64::from(MAX_HALF_LIVES) {
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
