//! Whether two clocks agree: catching up reads the event log by time.

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;

/// Catching up reads five minutes more than it needs to, for what the clocks differ.
const WORTH_MENDING: TimeDelta = TimeDelta::seconds(30);

/// Compares the clock of `whose` with ours, asked between `before` and `after`.
#[must_use]
pub fn judge(whose: &str, theirs: DateTime<Utc>, before: DateTime<Utc>, after: DateTime<Utc>) -> Finding {
    let subject = format!("clock of {whose}");
    let difference = if theirs < before {
        before - theirs
    } else if theirs > after {
        theirs - after
    } else {
        TimeDelta::zero()
    };
    if difference > WORTH_MENDING {
        let seconds = difference.num_seconds();
        return Finding::ill(
            subject,
            format!("it differs from this machine's by {seconds} s"),
            "Let both be set by NTP: catching up reads the event log by time.",
        );
    }
    Finding::well(subject, "agrees with this machine's")
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_clock_that_differs_is_named() {
        let now = envelope::Clock::system().now();
        let asked = |theirs| judge("cart's database", theirs, now, now + TimeDelta::seconds(1)).state;
        assert!(matches!(asked(now), State::Well(_)));
        assert!(matches!(asked(now + TimeDelta::seconds(20)), State::Well(_)));
        for theirs in [now + TimeDelta::minutes(2), now - TimeDelta::minutes(2)] {
            let State::Ill { what, .. } = asked(theirs) else { panic!("{theirs} is well") };
            assert!(what.contains("by 1"), "{what}");
        }
    }
}
