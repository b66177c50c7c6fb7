//! Faults on demand, so that tests can see what a sender does about them.

use std::sync::{Mutex, PoisonError};

use mailin::Response;

/// How the mailbox treats mails. Anything but [`Accept`](Self::Accept) is for tests of senders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes every mail.
    #[default]
    Accept,
    /// Answers so at this stage of every mail.
    Refuse {
        /// What is refused.
        at: Stage,
        /// 4xx: not now; 5xx: never. After 421 the connection is closed.
        code: u16,
        /// May begin with an enhanced code: `5.7.1 blocked`.
        text: &'static str,
    },
    /// Answers 550 to the recipients that match, permanently; `*` in the pattern stands for any text, and case doesn't
    /// matter.
    RefuseRecipients(String),
    /// Cuts the connection once a mail has come in whole.
    HangUp(HangUp),
}

/// What a mail server may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The client, when it connects.
    Greeting,
    /// The sender, at `MAIL FROM`.
    Sender,
    /// The recipient, at `RCPT TO`.
    Recipient,
    /// The mail, once it has come in whole.
    Content,
}

/// When the connection is cut. In each case but the last the sender can't know whether the mail was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// The mail is thrown away, no answer is sent.
    BeforeStoring,
    /// The mail is kept and counted, no answer is sent: a sender that sends again delivers twice.
    BeforeAnswering,
    /// The mail is kept and its 250 sent; the connection is of no more use.
    AfterAnswering,
}

#[derive(Default)]
pub(crate) struct Faults(Mutex<Active>);

#[derive(Default)]
struct Active {
    behaviour: Behaviour,
    left: Option<u64>,
}

impl Faults {
    pub(crate) fn set(&self, behaviour: Behaviour, left: Option<u64>) {
        let behaviour = if left == Some(0) { Behaviour::Accept } else { behaviour };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Active { behaviour, left };
    }

    /// Whether there are none.
    pub(crate) fn are_over(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).behaviour == Behaviour::Accept
    }

    /// The refusal at this stage, if there is one.
    pub(crate) fn refusal(&self, stage: Stage) -> Option<Response> {
        self.act(|behaviour| match behaviour {
            Behaviour::Refuse { at, code, text } if *at == stage => {
                Some(Response::custom(*code, (*text).to_owned()))
            }
            _ => None,
        })
    }

    pub(crate) fn refuse_recipient(&self, address: &str) -> bool {
        let refused = |behaviour: &Behaviour| match behaviour {
            Behaviour::RefuseRecipients(pattern) => matches(pattern, address).then_some(()),
            _ => None,
        };
        self.act(refused).is_some()
    }

    pub(crate) fn hang_up(&self) -> Option<HangUp> {
        self.act(|behaviour| match behaviour {
            Behaviour::HangUp(moment) => Some(*moment),
            _ => None,
        })
    }

    /// What the behaviour does here, if anything; that counts towards the times that were asked for.
    fn act<T>(&self, acts: impl FnOnce(&Behaviour) -> Option<T>) -> Option<T> {
        let mut active = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = acts(&active.behaviour)?;
        if let Some(left) = active.left.as_mut() {
            *left -= 1;
            if *left == 0 {
                *active = Active::default();
            }
        }
        Some(done)
    }
}

fn matches(pattern: &str, address: &str) -> bool {
    let (pattern, address) = (pattern.to_lowercase(), address.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == address };
    let Some(mut address) = address.strip_prefix(first) else { return false };
    let mut pieces: Vec<_> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = address.find(piece) else { return false };
        address = &address[at + piece.len()..];
    }
    address.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_addresses_with_stars_for_any_text() {
        for (pattern, hit) in [
            ("a@b.example", true),
            ("A@B.EXAMPLE", true),
            ("*@b.example", true),
            ("a@*", true),
            ("*", true),
            ("*b.*", true),
            ("b.example", false),
            ("*@c.example", false),
            ("a@b.example*x", false),
            ("a@b.example*e", false),
        ] {
            assert_eq!(matches(pattern, "a@b.example"), hit, "{pattern}");
        }
    }

    #[test]
    fn a_behaviour_for_two_times_is_gone_after_two() {
        let faults = Faults::default();
        faults.set(Behaviour::Refuse { at: Stage::Sender, code: 451, text: "later" }, Some(2));
        assert_eq!(faults.hang_up(), None);
        assert_eq!(faults.refusal(Stage::Recipient), None);
        let refused = || faults.refusal(Stage::Sender).is_some();
        assert!(refused() && refused());
        assert!(!refused());
    }
}
