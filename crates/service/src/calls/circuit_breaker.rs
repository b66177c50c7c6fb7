//! The circuit breaker around a target, shared by all that call it. While the target is unavailable the circuit is open: no
//! call is begun, so none loses an attempt.

mod rules;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use metrics::gauge;
use tokio::sync::Notify;
use tracing::{error, info};

use self::rules::{Circuit, Position};
use super::outcome::Outcome;
use crate::telemetry::metrics::CALLS_CIRCUIT_OPEN;

/// How often the log is reminded of an outage that lasts.
const REMINDER: Duration = Duration::from_mins(5);
/// Outages that follow each other within this time are logged as one.
const QUIET: Duration = Duration::from_secs(30);

pub(super) struct CircuitBreaker {
    service: &'static str,
    target: &'static str,
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    circuit: Circuit,
    /// When an outage was logged last.
    logged_at: Option<Instant>,
    /// Whether an outage was logged, and its end was not.
    outage_logged: bool,
}

/// How many calls may be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Many,
    /// To see whether the target is back.
    Trial,
}

impl CircuitBreaker {
    /// A closed one: calls are made.
    pub fn new(service: &'static str, target: &'static str) -> Self {
        let state = State { circuit: Circuit::new(), logged_at: None, outage_logged: false };
        let breaker = Self { service, target, state: Mutex::new(state), changed: Notify::new() };
        breaker.show(Position::Closed);
        breaker
    }

    /// Whether no call may be begun, but for a trial.
    pub fn is_open(&self) -> bool {
        self.state().circuit.position != Position::Closed
    }

    /// Waits until a call may be claimed.
    pub async fn admission(&self) -> Admission {
        loop {
            let changed = self.changed.notified();
            let position = self.state().circuit.position;
            match position {
                Position::Closed => return Admission::Many,
                Position::Trial { .. } => changed.await,
                Position::Open { until, .. } => {
                    let pause = until.saturating_duration_since(Instant::now());
                    if pause.is_zero() {
                        return Admission::Trial;
                    }
                    let _ = tokio::time::timeout(pause, changed).await;
                }
            }
        }
    }

    /// A call was claimed as a trial.
    pub fn begin_trial(&self) {
        self.state().circuit.begin_trial();
    }

    /// The trial was not made after all.
    pub fn abandon_trial(&self) {
        self.state().circuit.abandon_trial(Instant::now());
        self.changed.notify_one();
    }

    /// An attempt at the call with this key came to this.
    pub fn note(&self, key: &str, outcome: &Outcome) {
        let now = Instant::now();
        let mut state = self.state();
        let before = state.circuit.position;
        state.circuit.note(key, outcome, now);
        let after = state.circuit.position;
        if after == before {
            return;
        }
        match after {
            Position::Open { .. } if state.is_to_be_logged(before, now) => {
                let reason = outcome.refusal().map(|refusal| refusal.reason.as_str()).unwrap_or_default();
                error!(
                    target_name = self.target,
                    reason,
                    "the {} is unavailable: calls wait until it is back, and none loses an attempt",
                    self.target
                );
            }
            Position::Closed if std::mem::take(&mut state.outage_logged) => {
                info!(target_name = self.target, "the {} is available again", self.target);
            }
            _ => {}
        }
        drop(state);
        self.show(after);
        self.changed.notify_one();
    }

    fn show(&self, position: Position) {
        let open = if position == Position::Closed { 0.0 } else { 1.0 };
        gauge!(CALLS_CIRCUIT_OPEN.name, "service" => self.service, "target" => self.target).set(open);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether this opening is worth a line: the first of an outage, or a reminder.
    fn is_to_be_logged(&mut self, before: Position, now: Instant) -> bool {
        let silence = if before == Position::Closed { QUIET } else { REMINDER };
        let due = self.logged_at.is_none_or(|at| now.duration_since(at) >= silence);
        if due {
            self.logged_at = Some(now);
            self.outage_logged = true;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::super::outcome::Refusal;
    use super::*;

    fn breaker() -> CircuitBreaker {
        CircuitBreaker::new("notify", "mail server")
    }

    fn unavailable() -> Outcome {
        Outcome::Unavailable(Refusal::without_code("it answered 554 to MAIL FROM"))
    }

    #[tokio::test]
    async fn after_a_pause_one_call_is_admitted_and_when_it_succeeds_all_are() {
        let breaker = breaker();
        assert_eq!(breaker.admission().await, Admission::Many);
        breaker.note("a", &unavailable());
        assert!(breaker.is_open());
        assert_eq!(breaker.admission().await, Admission::Trial);
        breaker.begin_trial();
        let (admission, ()) = tokio::join!(breaker.admission(), async { breaker.note("a", &Outcome::Done) });
        assert_eq!((admission, breaker.is_open()), (Admission::Many, false));
    }

    #[test]
    fn an_outage_is_logged_when_it_begins_and_as_a_reminder() {
        let begin = Instant::now();
        let mut state = State { circuit: Circuit::new(), logged_at: None, outage_logged: false };
        let lasting = Position::Trial { since: begin };
        assert!(state.is_to_be_logged(Position::Closed, begin));
        assert!(!state.is_to_be_logged(lasting, begin + Duration::from_mins(1)));
        assert!(state.is_to_be_logged(lasting, begin + REMINDER));
        assert!(!state.is_to_be_logged(Position::Closed, begin + REMINDER + QUIET / 2), "it flickers");
        assert!(state.is_to_be_logged(Position::Closed, begin + REMINDER + QUIET));
    }

    #[test]
    fn the_log_says_that_the_target_is_unavailable_and_why() {
        let written = Written::default();
        let subscriber = tracing_subscriber::fmt().with_writer(written.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let breaker = breaker();
            breaker.note("a", &unavailable());
            breaker.note("b", &unavailable());
            breaker.note("a", &Outcome::Done);
        });
        let log = written.text();
        assert_eq!((log.matches("ERROR").count(), log.matches("available again").count()), (1, 1), "{log}");
        assert!(log.contains("it answered 554 to MAIL FROM"), "{log}");
    }

    /// What was logged.
    #[derive(Clone, Default)]
    struct Written(std::sync::Arc<Mutex<Vec<u8>>>);

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl std::io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl tracing_subscriber::fmt::MakeWriter<'_> for Written {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }
}
