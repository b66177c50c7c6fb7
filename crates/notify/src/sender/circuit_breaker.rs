//! Whether the mail server is there. While it is not, no mail is begun, so that its absence costs none of them an
//! attempt.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::{info, warn};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A server that answered within this time is there: it may just not want one more connection.
const RECENTLY: Duration = Duration::from_secs(1);

/// Shared by all that use the server.
pub struct Gate {
    state: Mutex<State>,
    /// So many mails in a row without an answer mean that the server is at fault, not the mails.
    patience: usize,
}

struct State {
    closed: bool,
    /// An absence was logged and its end was not.
    told: bool,
    unanswered: usize,
    answered: Option<Instant>,
    pause: Duration,
}

impl Gate {
    /// Open.
    pub fn new(patience: usize) -> Self {
        let state = State { closed: false, told: false, unanswered: 0, answered: None, pause: FIRST_PAUSE };
        Self { state: Mutex::new(state), patience }
    }

    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// The server answered about a mail, whatever it said.
    pub fn answered(&self) {
        let mut state = self.state();
        state.unanswered = 0;
        state.answered = Some(Instant::now());
        state.pause = FIRST_PAUSE;
        if std::mem::take(&mut state.told) {
            info!("the mail server takes mails again");
        }
    }

    /// A mail got no answer.
    pub fn unanswered(&self) {
        let mut state = self.state();
        state.unanswered += 1;
        if state.unanswered >= self.patience {
            state.unanswered = 0;
            state.close("it does not answer");
        }
    }

    /// A connection to the server can't be had.
    pub fn unreachable(&self, reason: &str) {
        let mut state = self.state();
        if state.answered.is_none_or(|at| at.elapsed() > RECENTLY) {
            state.close(reason);
        }
    }

    /// How long to wait before the server is tried again; longer each time.
    pub fn pause(&self) -> Duration {
        let mut state = self.state();
        let pause = state.pause;
        state.pause = (pause * 2).min(LONGEST_PAUSE);
        pause
    }

    /// The server can be reached again.
    pub fn open(&self) {
        self.state().closed = false;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn close(&mut self, reason: &str) {
        self.closed = true;
        if !std::mem::replace(&mut self.told, true) {
            warn!(reason, "the mail server can't be used; mails stay queued until it can");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_an_answer_comes() {
        let gate = Gate::new(2);
        gate.unreachable("it is gone");
        assert!(gate.is_closed());
        assert_eq!([gate.pause(), gate.pause()], [FIRST_PAUSE, FIRST_PAUSE * 2]);
        gate.open();
        gate.unreachable("it is gone again");
        assert_eq!(gate.pause(), FIRST_PAUSE * 4);
        gate.answered();
        assert_eq!(gate.pause(), FIRST_PAUSE);
        for _ in 0..20 {
            gate.pause();
        }
        assert_eq!(gate.pause(), LONGEST_PAUSE);
    }

    #[test]
    fn a_server_that_answers_on_other_connections_is_not_away() {
        let gate = Gate::new(2);
        gate.answered();
        gate.unreachable("it answered 421");
        assert!(!gate.is_closed());
    }

    #[test]
    fn only_mails_without_an_answer_in_a_row_close_the_gate() {
        let gate = Gate::new(2);
        gate.unanswered();
        gate.answered();
        gate.unanswered();
        assert!(!gate.is_closed());
        gate.unanswered();
        assert!(gate.is_closed());
    }
}
