use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Lets so many pass in a second, evenly; all, where no rate is given.
pub struct Pace {
    gap: Option<Duration>,
    next: Mutex<Instant>,
}

impl Pace {
    pub fn new(rate: Option<u32>) -> Self {
        let gap = rate.filter(|rate| *rate > 0).map(|rate| Duration::from_secs(1) / rate);
        Self { gap, next: Mutex::new(Instant::now()) }
    }

    /// Waits for one's turn.
    pub async fn turn(&self) {
        if let Some(gap) = self.gap {
            sleep_until(self.take_turn(gap, Instant::now())).await;
        }
    }

    /// Turns that nobody took are lost: a slow while is not made up for by a burst.
    fn take_turn(&self, gap: Duration, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = (*next).max(now);
        *next = mine + gap;
        mine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_even_and_lost_ones_are_not_made_up_for() {
        let (pace, gap, now) = (Pace::new(Some(100)), Duration::from_millis(10), Instant::now());
        let turns = [now, now, now].map(|at| pace.take_turn(gap, at));
        assert_eq!(turns, [now, now + gap, now + 2 * gap]);
        let later = now + Duration::from_secs(5);
        assert_eq!([later, later].map(|at| pace.take_turn(gap, at)), [later, later + gap]);
    }
}
