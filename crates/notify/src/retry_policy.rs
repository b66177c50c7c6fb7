//! What becomes of a mail after an attempt to deliver it. Rules only.

use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// The pauses between attempts; after the attempt that follows the last one, a mail has failed.
const PAUSES: [u64; 6] = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];

/// What came of handing a mail to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Accepted,
    /// The server answered with a 4xx code: not now.
    Postponed(u16),
    /// The server answered with a 5xx code: never.
    Refused(u16),
    /// The connection broke, or the time was over, before the server's answer. It may have taken the mail.
    Interrupted,
    /// It can't be written, or the server can't take such a mail, for example because the address is none.
    Unsendable,
    /// Nothing of it was handed over: the server could not be reached, or there was no time left.
    NotBegun,
}

/// What becomes of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent.
    Sent,
    /// It will be tried again after this pause.
    Again(Duration),
    /// It has failed for good; with the mail server's code, where it gave one.
    Failed(Option<u16>),
    /// As if it had never been claimed.
    GivenBack,
}

impl Outcome {
    /// The verdict on a mail that was tried so many times before.
    pub fn verdict(self, attempts_before: i32) -> Verdict {
        match self {
            Self::Accepted => Verdict::Sent,
            Self::Refused(code) => Verdict::Failed(Some(code)),
            Self::Unsendable => Verdict::Failed(None),
            Self::NotBegun => Verdict::GivenBack,
            Self::Postponed(_) | Self::Interrupted => {
                let pause = usize::try_from(attempts_before).ok().and_then(|before| PAUSES.get(before));
                pause.map_or(Verdict::Failed(self.code()), |seconds| {
                    Verdict::Again(Duration::from_secs(*seconds))
                })
            }
        }
    }

    /// The mail server's code where it did not accept.
    fn code(self) -> Option<u16> {
        match self {
            Self::Postponed(code) | Self::Refused(code) => Some(code),
            _ => None,
        }
    }

    /// What went wrong, for operators. The server's own text is left out: it may hold the address.
    pub fn error(self) -> Option<String> {
        match self {
            Self::Accepted | Self::NotBegun => None,
            Self::Postponed(code) => Some(format!("the mail server answered {code}: not now")),
            Self::Refused(code) => Some(format!("the mail server answered {code}: refused")),
            Self::Interrupted => Some("the mail server did not answer".to_owned()),
            Self::Unsendable => Some(
                "the mail can't be sent: its address, or it itself, is not one that the server takes"
                    .to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_refusal_is_tried_again_six_times_with_growing_pauses() {
        let pauses: Vec<Verdict> = (0..7).map(|before| Outcome::Postponed(451).verdict(before)).collect();
        let expected =
            [5, 30, 120, 600, 3600, 21600].map(|seconds| Verdict::Again(Duration::from_secs(seconds)));
        assert_eq!(pauses[..6], expected);
        assert_eq!(pauses[6], Verdict::Failed(Some(451)));
    }

    #[test]
    fn a_mail_that_never_gets_an_answer_fails_in_the_end_without_a_code() {
        assert_eq!(Outcome::Interrupted.verdict(0), Verdict::Again(Duration::from_secs(5)));
        assert_eq!(Outcome::Interrupted.verdict(6), Verdict::Failed(None));
    }

    #[test]
    fn a_refusal_for_good_is_not_tried_again() {
        assert_eq!(Outcome::Refused(550).verdict(0), Verdict::Failed(Some(550)));
        assert_eq!(Outcome::Unsendable.verdict(0), Verdict::Failed(None));
    }

    #[test]
    fn a_mail_that_was_not_begun_is_given_back_however_often() {
        assert_eq!(Outcome::NotBegun.verdict(100), Verdict::GivenBack);
        assert_eq!(Outcome::NotBegun.error(), None);
    }
}
