//! A circuit breaker around the mail server. While the server is unavailable the circuit is open: no mail is begun,
//! so none loses an attempt.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::{info, warn};

const FIRST_DELAY: Duration = Duration::from_millis(250);
const LONGEST_DELAY: Duration = Duration::from_secs(30);
/// A server that answered within this time is available: it may just refuse another connection.
const RECENTLY: Duration = Duration::from_secs(1);

/// Shared by everything that uses the server.
pub struct CircuitBreaker {
    circuit: Mutex<Circuit>,
    /// When this many mails in a row get no answer, the cause is the server and not the mails.
    threshold: usize,
}

struct Circuit {
    open: bool,
    /// Whether an outage was logged, and its end was not.
    outage_logged: bool,
    unanswered: usize,
    answered_at: Option<Instant>,
    delay: Duration,
}

impl CircuitBreaker {
    /// A closed one: mails are sent.
    pub fn new(threshold: usize) -> Self {
        let circuit = Circuit {
            open: false,
            outage_logged: false,
            unanswered: 0,
            answered_at: None,
            delay: FIRST_DELAY,
        };
        Self { circuit: Mutex::new(circuit), threshold }
    }

    /// Whether no mail may be begun.
    pub fn is_open(&self) -> bool {
        self.circuit().open
    }

    /// The server answered about a mail, whatever the answer was.
    pub fn answered(&self) {
        let mut circuit = self.circuit();
        circuit.unanswered = 0;
        circuit.answered_at = Some(Instant::now());
        circuit.delay = FIRST_DELAY;
        if std::mem::take(&mut circuit.outage_logged) {
            info!("the mail server accepts mails again");
        }
    }

    /// A mail got no answer.
    pub fn unanswered(&self) {
        let mut circuit = self.circuit();
        circuit.unanswered += 1;
        if circuit.unanswered >= self.threshold {
            circuit.unanswered = 0;
            circuit.open("it does not answer");
        }
    }

    /// A connection to the server failed.
    pub fn unreachable(&self, reason: &str) {
        let mut circuit = self.circuit();
        if circuit.answered_at.is_none_or(|at| at.elapsed() > RECENTLY) {
            circuit.open(reason);
        }
    }

    /// How long to wait before the server is probed; longer each time.
    pub fn probe_delay(&self) -> Duration {
        let mut circuit = self.circuit();
        let delay = circuit.delay;
        circuit.delay = (delay * 2).min(LONGEST_DELAY);
        delay
    }

    /// The server can be reached again.
    pub fn close(&self) {
        self.circuit().open = false;
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Circuit {
    fn open(&mut self, reason: &str) {
        self.open = true;
        if !std::mem::replace(&mut self.outage_logged, true) {
            warn!(reason, "the mail server is unavailable; mails stay queued until it is back");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_between_probes_grow_until_an_answer_comes() {
        let breaker = CircuitBreaker::new(2);
        breaker.unreachable("it is gone");
        assert!(breaker.is_open());
        assert_eq!([breaker.probe_delay(), breaker.probe_delay()], [FIRST_DELAY, FIRST_DELAY * 2]);
        breaker.close();
        breaker.unreachable("it is gone again");
        assert_eq!(breaker.probe_delay(), FIRST_DELAY * 4);
        breaker.answered();
        assert_eq!(breaker.probe_delay(), FIRST_DELAY);
        for _ in 0..20 {
            breaker.probe_delay();
        }
        assert_eq!(breaker.probe_delay(), LONGEST_DELAY);
    }

    #[test]
    fn a_server_that_answers_on_other_connections_is_available() {
        let breaker = CircuitBreaker::new(2);
        breaker.answered();
        breaker.unreachable("it answered 421");
        assert!(!breaker.is_open());
    }

    #[test]
    fn only_mails_without_an_answer_in_a_row_open_the_circuit() {
        let breaker = CircuitBreaker::new(2);
        breaker.unanswered();
        breaker.answered();
        breaker.unanswered();
        assert!(!breaker.is_open());
        breaker.unanswered();
        assert!(breaker.is_open());
    }
}
