//! What happens to a mail after an attempt to send it: it is sent, retried after a delay, or failed. Rules only, no
//! I/O.

use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// The delays before retries. When the attempt after the last one fails too, the mail has failed.
const DELAYS: [u64; 6] = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];

/// The outcome of an attempt to hand a mail to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The server accepted it.
    Accepted,
    /// The server answered with a 4xx code: not now.
    Postponed(u16),
    /// The server answered with a 5xx code: never.
    Refused(u16),
    /// The connection broke or the attempt timed out before the server's answer. The server may have accepted the mail.
    Interrupted,
    /// It can't be composed, or the server can't accept such a mail, for example because the address is invalid.
    Unsendable,
    /// Sending did not begin: the server could not be reached, or there was no time left.
    NotBegun,
}

/// What happens to a mail next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// It is sent.
    Sent,
    /// It is retried after this delay.
    Retry(Duration),
    /// It has failed for good, with the mail server's code if there was one.
    Failed(Option<u16>),
    /// The claim is released, as if there had been none.
    Released,
}

impl AttemptOutcome {
    /// What happens to a mail that had this many attempts before.
    pub fn next_step(self, attempts_before: i32) -> NextStep {
        match self {
            Self::Accepted => NextStep::Sent,
            Self::Refused(code) => NextStep::Failed(Some(code)),
            Self::Unsendable => NextStep::Failed(None),
            Self::NotBegun => NextStep::Released,
            Self::Postponed(_) | Self::Interrupted => {
                let delay = usize::try_from(attempts_before).ok().and_then(|before| DELAYS.get(before));
                delay.map_or(NextStep::Failed(self.code()), |seconds| {
                    NextStep::Retry(Duration::from_secs(*seconds))
                })
            }
        }
    }

    /// The mail server's code, if it refused or postponed the mail.
    fn code(self) -> Option<u16> {
        match self {
            Self::Postponed(code) | Self::Refused(code) => Some(code),
            _ => None,
        }
    }

    /// What went wrong, for operators. The server's own text is left out: it may contain the address.
    pub fn error(self) -> Option<String> {
        match self {
            Self::Accepted | Self::NotBegun => None,
            Self::Postponed(code) => Some(format!("the mail server answered {code}: not now")),
            Self::Refused(code) => Some(format!("the mail server answered {code}: refused")),
            Self::Interrupted => Some("the mail server did not answer".to_owned()),
            Self::Unsendable => Some(
                "the mail can't be sent: its address or its content is not valid for the mail server"
                    .to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_refusal_is_retried_six_times_with_growing_delays() {
        let delays: Vec<NextStep> =
            (0..7).map(|before| AttemptOutcome::Postponed(451).next_step(before)).collect();
        let expected =
            [5, 30, 120, 600, 3600, 21600].map(|seconds| NextStep::Retry(Duration::from_secs(seconds)));
        assert_eq!(delays[..6], expected);
        assert_eq!(delays[6], NextStep::Failed(Some(451)));
    }

    #[test]
    fn a_mail_without_an_answer_fails_in_the_end_without_a_code() {
        assert_eq!(AttemptOutcome::Interrupted.next_step(0), NextStep::Retry(Duration::from_secs(5)));
        assert_eq!(AttemptOutcome::Interrupted.next_step(6), NextStep::Failed(None));
    }

    #[test]
    fn a_refusal_for_good_is_not_retried() {
        assert_eq!(AttemptOutcome::Refused(550).next_step(0), NextStep::Failed(Some(550)));
        assert_eq!(AttemptOutcome::Unsendable.next_step(0), NextStep::Failed(None));
    }

    #[test]
    fn a_mail_that_was_not_begun_is_released_however_often() {
        assert_eq!(AttemptOutcome::NotBegun.next_step(100), NextStep::Released);
        assert_eq!(AttemptOutcome::NotBegun.error(), None);
    }
}
