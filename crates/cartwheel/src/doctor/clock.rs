//! Whether two clocks agree: catching up reads the event log by time.

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Finding;

/// Well below the five minutes of margin with which catching up reads the event log.
const TOLERANCE: TimeDelta = TimeDelta::seconds(30);

/// Compares the clock of `whose` with ours, asked between `before` and `after`.
#[must_use]
pub fn check(whose: &str, theirs: DateTime<Utc>, before: DateTime<Utc>, after: DateTime<Utc>) -> Finding {
    let subject = format!("clock of {whose}");
    let difference = if theirs < before {
        before - theirs
    } else if theirs > after {
        theirs - after
    } else {
        TimeDelta::zero()
    };
    if difference > TOLERANCE {
        let seconds = difference.num_seconds();
        return Finding::wrong(
            subject,
            format!("it differs from this machine's by {seconds} s"),
            "Synchronise both clocks with NTP: catching up reads the event log by time.",
        );
    }
    Finding::ok(subject, "agrees with this machine's")
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_clock_that_differs_is_named() {
        let now = envelope::Clock::system().now();
        let asked = |theirs| check("cart's database", theirs, now, now + TimeDelta::seconds(1)).state;
        assert!(matches!(asked(now), State::Ok(_)));
        assert!(matches!(asked(now + TimeDelta::seconds(20)), State::Ok(_)));
        for theirs in [now + TimeDelta::minutes(2), now - TimeDelta::minutes(2)] {
            let State::Wrong { what, .. } = asked(theirs) else { panic!("{theirs} is well") };
            assert!(what.contains("by 1"), "{what}");
        }
    }
}
