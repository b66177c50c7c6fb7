//! Which events of others a restored service has answered, by its own events in the log. Pure.
//!
//! The answers to an event were committed together and published one after the other, so the log may lack the last of them.
//! What stands behind an answer in its subject shows that nothing is missing before it.

use std::collections::{BTreeMap, HashSet};

use envelope::Envelope;
use uuid::Uuid;

use crate::place::SubjectKey;

/// Events from which own ones followed that are in the log.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    /// Some answer is there.
    at_all: HashSet<Uuid>,
    /// All answers are there.
    wholly: HashSet<Uuid>,
    /// What the newest own event of each subject answers, if it does.
    newest: BTreeMap<SubjectKey, Option<Uuid>>,
}

impl Answered {
    /// Notes an own event; those of a subject in their order. `tells`: whether it says that its cause was answered.
    pub fn note(&mut self, own: &Envelope, tells: bool) {
        let cause = own.cause.causation_id.filter(|_| tells);
        let before = self.newest.insert(SubjectKey::of(own), cause).flatten();
        self.wholly.extend(before.filter(|before| Some(*before) != cause));
        self.wholly.extend(cause.filter(|_| own.is_final));
        self.at_all.extend(cause);
    }

    /// Whether the event needs no further answer. `may_have_several`: answers, of which the log may lack some.
    pub fn is_known(&self, event: Uuid, may_have_several: bool) -> bool {
        if may_have_several { self.wholly.contains(&event) } else { self.at_all.contains(&event) }
    }
}

#[cfg(test)]
mod tests {
    use envelope::{Cause, Clock, EventType};
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Answer {
        subject: u8,
    }

    impl EventType for Answer {
        const TYPE: &'static str = "tests.answer.v1";
        const AGGREGATE: &'static str = "tests.answers";
        fn subject(&self) -> String {
            self.subject.to_string()
        }
    }

    fn answer(subject: u8, cause: Uuid, is_final: bool) -> Envelope {
        let cause = Cause { causation_id: Some(cause), ..Cause::started_by("a test") };
        let mut answer = Envelope::new(&Answer { subject }, &cause, Clock::system().now()).unwrap();
        answer.is_final = is_final;
        answer
    }

    proptest! {
        /// Whatever the log lacks at its end: what was answered in part is answered again, and what stands before it is not.
        #[test]
        fn what_was_answered_in_part_is_not_known(
            answers in prop::collection::vec((0..3_u8, 1..5_usize), 1..12),
            kept in any::<prop::sample::Index>(),
            ends in any::<bool>(),
        ) {
            let causes: Vec<(Uuid, u8, usize)> =
                answers.iter().map(|&(subject, number)| (Uuid::now_v7(), subject, number)).collect();
            let all: Vec<(Uuid, u8, bool)> = causes
                .iter()
                .flat_map(|&(cause, subject, number)| (1..=number).map(move |n| (cause, subject, n == number)))
                .collect();
            let kept = kept.index(all.len() + 1);
            let mut answered = Answered::default();
            for (place, &(cause, subject, is_last)) in all[..kept].iter().enumerate() {
                let follows = all[place + 1..].iter().any(|(_, other, _)| *other == subject);
                answered.note(&answer(subject, cause, ends && is_last && !follows), true);
            }
            for &(cause, subject, number) in &causes {
                let published = all[..kept].iter().filter(|(of, ..)| *of == cause).count();
                let followed = all[..kept].iter().rev().find(|(_, other, _)| *other == subject).is_some_and(|(of, ..)| *of != cause);
                let is_known = answered.is_known(cause, true);
                prop_assert!(!is_known || published == number, "in part");
                prop_assert!(is_known || published == 0 || !followed, "answered twice");
                prop_assert_eq!(answered.is_known(cause, false), published > 0);
            }
        }
    }

    #[test]
    fn what_is_no_answer_shows_that_those_before_it_are_there_and_nothing_else() {
        let (answered_by_two, other) = (Uuid::now_v7(), Uuid::now_v7());
        let mut answered = Answered::default();
        answered.note(&answer(1, answered_by_two, false), true);
        assert!(!answered.is_known(answered_by_two, true));
        answered.note(&answer(1, other, false), false);
        answered.note(&answer(1, answered_by_two, false), false);
        assert!(answered.is_known(answered_by_two, true));
        assert!(!answered.is_known(other, true) && !answered.is_known(other, false));
    }
}
