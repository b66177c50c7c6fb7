//! The rules of the circuit breaker. No I/O; the time is handed in.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::calls::outcome::Outcome;

/// A pause lasts a tenth of the outage so far, within these limits: who was away for a moment is missed for a moment.
const PART_OF_OUTAGE: u32 = 10;
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// This many different calls in a row are refused for no reason of their own, or get no answer: that is no coincidence.
const STREAK: usize = 5;
/// A target that did something within this time is available: it may just refuse another connection.
const RECENTLY: Duration = Duration::from_secs(1);

/// Whether calls may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// They may.
    Closed,
    /// None may before `until`; then one may, as a trial.
    Open { since: Instant, until: Instant },
    /// One is being made to see whether the target is back.
    Trial { since: Instant },
}

/// One target's circuit.
#[derive(Debug)]
pub(super) struct Circuit {
    pub position: Position,
    /// The calls in a row that may not be at fault themselves.
    streak: BTreeSet<String>,
    answered_at: Option<Instant>,
}

impl Circuit {
    pub fn new() -> Self {
        Self { position: Position::Closed, streak: BTreeSet::new(), answered_at: None }
    }

    /// An attempt at the call with this key came to this.
    pub fn note(&mut self, key: &str, outcome: &Outcome, now: Instant) {
        match outcome {
            Outcome::Done | Outcome::Postponed(_) | Outcome::Refused(_) => {
                self.streak.clear();
                self.answered_at = Some(now);
                self.position = Position::Closed;
            }
            Outcome::Doubtful(_) | Outcome::Unanswered(_) => {
                self.streak.insert(key.to_owned());
                if self.streak.len() >= STREAK || self.position != Position::Closed {
                    self.open(now);
                }
            }
            Outcome::Unavailable(_) => {
                let recently = self.answered_at.is_some_and(|at| now.duration_since(at) < RECENTLY);
                if !recently || self.position != Position::Closed {
                    self.open(now);
                }
            }
        }
    }

    /// A trial begins.
    pub fn begin_trial(&mut self) {
        if let Position::Open { since, .. } = self.position {
            self.position = Position::Trial { since };
        }
    }

    /// The trial was not made after all: another may be, at once.
    pub fn abandon_trial(&mut self, now: Instant) {
        if let Position::Trial { since } = self.position {
            self.position = Position::Open { since, until: now };
        }
    }

    fn open(&mut self, now: Instant) {
        let since = match self.position {
            Position::Closed => now,
            // Of several calls that were under way, the first decides on the pause.
            Position::Open { until, .. } if until > now => return,
            Position::Open { since, .. } | Position::Trial { since } => since,
        };
        self.streak.clear();
        let pause = (now.duration_since(since) / PART_OF_OUTAGE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.position = Position::Open { since, until: now + pause };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::outcome::Refusal;

    fn unavailable() -> Outcome {
        Outcome::Unavailable(Refusal::without_code("it is gone"))
    }

    fn doubtful() -> Outcome {
        Outcome::Doubtful(Refusal::without_code("its policy"))
    }

    /// The pause that begins now.
    fn pause(circuit: &Circuit, now: Instant) -> Duration {
        match circuit.position {
            Position::Open { until, .. } => until - now,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pauses_are_a_tenth_of_the_outage() {
        let (mut circuit, begin) = (Circuit::new(), Instant::now());
        circuit.note("a", &unavailable(), begin);
        assert_eq!(pause(&circuit, begin), SHORTEST_PAUSE);
        for (after, expected) in [(1, 250), (20, 2000), (100, 10_000), (10_000, 30_000)] {
            let now = begin + Duration::from_secs(after);
            circuit.begin_trial();
            circuit.note("a", &unavailable(), now);
            assert_eq!(pause(&circuit, now), Duration::from_millis(expected), "after {after} s");
        }
    }

    #[test]
    fn a_call_that_is_answered_ends_the_outage() {
        let (mut circuit, begin) = (Circuit::new(), Instant::now());
        circuit.note("a", &unavailable(), begin);
        circuit.begin_trial();
        assert!(matches!(circuit.position, Position::Trial { .. }));
        circuit.note("a", &Outcome::Done, begin + Duration::from_mins(5));
        assert_eq!(circuit.position, Position::Closed);
        let now = begin + Duration::from_mins(6);
        circuit.note("a", &unavailable(), now);
        assert_eq!(pause(&circuit, now), SHORTEST_PAUSE, "another outage starts from the beginning");
    }

    #[test]
    fn a_target_that_answers_on_other_connections_is_available() {
        let (mut circuit, now) = (Circuit::new(), Instant::now());
        circuit.note("a", &Outcome::Done, now);
        circuit.note("b", &unavailable(), now);
        assert_eq!(circuit.position, Position::Closed);
    }

    #[test]
    fn one_bad_call_never_opens_the_circuit_however_often_it_is_tried() {
        let (mut circuit, now) = (Circuit::new(), Instant::now());
        for _ in 0..100 {
            circuit.note("bad", &doubtful(), now);
        }
        assert_eq!(circuit.position, Position::Closed);
        let refused = Outcome::Refused(Refusal::without_code("no such mailbox"));
        for number in 0..100 {
            circuit.note(&number.to_string(), &refused, now);
        }
        assert_eq!(circuit.position, Position::Closed, "nor do any number that are at fault themselves");
    }

    #[test]
    fn several_different_doubtful_calls_in_a_row_open_the_circuit() {
        let (mut circuit, now) = (Circuit::new(), Instant::now());
        for number in 0..STREAK - 1 {
            circuit.note(&number.to_string(), &doubtful(), now);
        }
        circuit.note("good", &Outcome::Done, now);
        for number in 0..STREAK {
            assert_eq!(circuit.position, Position::Closed);
            circuit.note(&number.to_string(), &doubtful(), now);
        }
        assert!(matches!(circuit.position, Position::Open { .. }));
    }

    #[test]
    fn calls_that_were_under_way_when_it_opened_do_not_prolong_the_pause() {
        let (mut circuit, begin) = (Circuit::new(), Instant::now());
        circuit.note("a", &unavailable(), begin);
        let opened = circuit.position;
        circuit.note("b", &unavailable(), begin + Duration::from_millis(100));
        assert_eq!(circuit.position, opened);
    }

    #[test]
    fn a_trial_that_is_not_made_is_made_later() {
        let (mut circuit, begin) = (Circuit::new(), Instant::now());
        circuit.note("a", &unavailable(), begin);
        circuit.begin_trial();
        circuit.abandon_trial(begin);
        assert_eq!(pause(&circuit, begin), Duration::ZERO);
    }
}
