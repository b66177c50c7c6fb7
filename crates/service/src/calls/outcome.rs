//! What an attempt came to, and what happens to the call then. Rules only, no I/O.

use std::fmt;
use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// The delays before retries, more than a day in all. When the attempt after the last one fails too, the call has failed.
const DELAYS: [u64; 10] = [
    5 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    12 * HOUR,
];

/// What an attempt to make a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The target did what it was asked.
    Done,
    /// The target refuses this call for now.
    Postponed(Refusal),
    /// The target refuses this call for good, for a reason in the call itself, such as an unknown recipient.
    Refused(Refusal),
    /// The target refuses this call, for a reason that may as well lie in the target or in what it thinks of this service.
    /// One such call is retried like a postponed one; several different ones in a row are the target's fault.
    Doubtful(Refusal),
    /// The target was asked, and gave no answer: it may have done it. Several different calls in a row without an answer
    /// are the target's fault.
    Unanswered(Refusal),
    /// The target can't be used at all: it refused, or didn't answer, before it knew anything about the call.
    Unavailable(Refusal),
}

/// Why a target did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The target's code, if it gave one.
    pub code: Option<u16>,
    /// What went wrong, for operators. Holds nothing of what the call says: it is logged.
    pub reason: String,
}

/// What happens to a call next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    /// It is done.
    Done,
    /// It is retried after this delay.
    Retry(Duration, Refusal),
    /// It has failed for good.
    Failed(Refusal),
    /// The claim is released, as if there had been none.
    Released,
}

impl Refusal {
    /// One without a code.
    pub fn without_code(reason: impl Into<String>) -> Self {
        Self { code: None, reason: reason.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Outcome {
    /// What went wrong.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Done => None,
            Self::Postponed(refusal)
            | Self::Refused(refusal)
            | Self::Doubtful(refusal)
            | Self::Unanswered(refusal)
            | Self::Unavailable(refusal) => Some(refusal),
        }
    }

    /// Its name, for metrics.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Postponed(_) => "postponed",
            Self::Refused(_) => "refused",
            Self::Doubtful(_) => "doubtful",
            Self::Unanswered(_) => "unanswered",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// What happens to a call that had this many attempts before.
    pub(super) fn next_step(self, attempts_before: i32) -> NextStep {
        match self {
            Self::Done => NextStep::Done,
            Self::Refused(refusal) => NextStep::Failed(refusal),
            Self::Unavailable(_) => NextStep::Released,
            Self::Postponed(refusal) | Self::Doubtful(refusal) | Self::Unanswered(refusal) => {
                match usize::try_from(attempts_before).ok().and_then(|before| DELAYS.get(before)) {
                    Some(delay) => NextStep::Retry(Duration::from_secs(*delay), refusal),
                    None => NextStep::Failed(refusal),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> Refusal {
        Refusal { code: Some(451), reason: "it answered 451".into() }
    }

    #[test]
    fn what_is_refused_for_now_is_retried_with_growing_delays_for_more_than_a_day() {
        let delays: Vec<Duration> = (0..)
            .map_while(|before| match Outcome::Postponed(refusal()).next_step(before) {
                NextStep::Retry(delay, _) => Some(delay),
                _ => None,
            })
            .collect();
        assert!(delays.is_sorted() && delays[0] == Duration::from_secs(5), "{delays:?}");
        assert!(delays.iter().sum::<Duration>() > Duration::from_hours(24), "{delays:?}");
        let last = i32::try_from(delays.len()).unwrap();
        assert_eq!(Outcome::Postponed(refusal()).next_step(last), NextStep::Failed(refusal()));
    }

    #[test]
    fn what_may_be_the_targets_fault_is_retried_too() {
        for outcome in [Outcome::Doubtful(refusal()), Outcome::Unanswered(refusal())] {
            assert!(matches!(outcome.next_step(0), NextStep::Retry(..)));
        }
    }

    #[test]
    fn a_refusal_for_good_is_not_retried() {
        assert_eq!(Outcome::Refused(refusal()).next_step(0), NextStep::Failed(refusal()));
    }

    #[test]
    fn a_target_that_is_not_available_costs_no_attempt_however_often() {
        assert_eq!(Outcome::Unavailable(refusal()).next_step(100), NextStep::Released);
    }
}
