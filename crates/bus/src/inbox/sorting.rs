//! Decides for each event of a batch what is to be done with it, by its subject's position.

use std::collections::{BTreeMap, BTreeSet};

use crate::event_key::SubjectKey;
use crate::inbox::cross_subject_order::CrossSubjectOrder;
use crate::inbox::epoch_changes::EpochChange;
use crate::inbox::verdict::Verdict;
use crate::incoming::Incoming;

/// The events of a batch by what is to be done with them.
#[derive(Default)]
pub(crate) struct Sorted<'a> {
    pub ready: Vec<&'a Incoming>,
    /// Ahead of their subject's position, or of another's that they must not overtake.
    pub waiting: Vec<&'a Incoming>,
    /// Behind a parked event of their subject.
    pub behind: Vec<&'a Incoming>,
    /// They leave out what was taken.
    pub conflicting: Vec<&'a Incoming>,
    pub duplicates: Vec<&'a Incoming>,
    /// Where subjects go on in another epoch.
    pub epoch_changes: Vec<EpochChange>,
}

/// Sorts events by what is to be done with them, and moves `positions` past those that are ready.
pub(crate) fn sort<'a>(
    events: &[&'a Incoming],
    positions: &mut BTreeMap<SubjectKey, i64>,
    blocked: &BTreeSet<SubjectKey>,
    others: &CrossSubjectOrder,
) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    for event in events {
        let key = SubjectKey::from(&event.key);
        let is_blocked = blocked.contains(&key);
        let position = positions.entry(key).or_default();
        #[cfg(debug_assertions)]
        if crate::fault_injection::takes(event.key.sequence, *position) {
            *position = event.key.sequence.max(*position);
            sorted.ready.push(event);
            continue;
        }
        let verdict = Verdict::of(*position, event.number());
        match if verdict.takes() && !others.admit(event) { Verdict::Gap } else { verdict } {
            Verdict::Duplicate => sorted.duplicates.push(event),
            Verdict::Conflict => sorted.conflicting.push(event),
            // Before what is parked: that is of a history that the publisher has lost.
            verdict if verdict.takes() && event.previous_if_told().is_some() => {
                if event.begins_epoch() || *position > 0 || is_blocked {
                    sorted.epoch_changes.push(EpochChange::of(event, *position));
                }
                *position = event.key.sequence;
                sorted.ready.push(event);
            }
            _ if is_blocked => sorted.behind.push(event),
            Verdict::Next | Verdict::Fork => {
                *position = event.key.sequence;
                sorted.ready.push(event);
            }
            Verdict::Gap => sorted.waiting.push(event),
        }
    }
    sorted
}

#[cfg(test)]
mod model;

#[cfg(test)]
mod tests {
    use envelope::After;

    use super::*;
    use crate::event_key::EventKey;

    fn incoming(subject: &str, sequence: i64) -> Incoming {
        let key = EventKey { source: "/s".into(), subject: subject.into(), sequence };
        Incoming::new(key, None, None, "t".into(), vec![])
    }

    fn behind_another(subject: &str, sequence: i64) -> Incoming {
        let mut event = incoming(subject, sequence);
        event.after = Some(After { source: "/other".into(), subject: "x".into(), sequence: 5 });
        event
    }

    fn key(subject: &str) -> SubjectKey {
        SubjectKey { source: "/s".into(), subject: subject.into() }
    }

    #[test]
    fn what_was_taken_is_a_duplicate_what_comes_next_is_ready_and_what_is_ahead_waits() {
        let events = [incoming("a", 2), incoming("a", 3), incoming("a", 5)];
        let mut positions = BTreeMap::from([(key("a"), 2)]);
        let sorted = sort(
            &events.iter().collect::<Vec<_>>(),
            &mut positions,
            &BTreeSet::new(),
            &CrossSubjectOrder::default(),
        );
        assert_eq!((sorted.duplicates.len(), sorted.ready.len(), sorted.waiting.len()), (1, 1, 1));
        assert_eq!(positions[&key("a")], 3);
    }

    #[test]
    fn the_same_event_twice_in_a_batch_is_ready_once() {
        let events = [incoming("a", 1), incoming("a", 1)];
        let sorted = sort(
            &events.iter().collect::<Vec<_>>(),
            &mut BTreeMap::new(),
            &BTreeSet::new(),
            &CrossSubjectOrder::default(),
        );
        assert_eq!((sorted.duplicates.len(), sorted.ready.len()), (1, 1));
    }

    #[test]
    fn the_first_of_a_new_epoch_is_taken_before_what_is_parked_of_the_lost_history() {
        let first = crate::epoch::floor_of(1) + 1;
        let event_key = EventKey { source: "/s".into(), subject: "a".into(), sequence: first };
        let event = Incoming::new(event_key, Some(2), None, "t".into(), vec![]);
        for (position, is_fork) in [(2, false), (4, true)] {
            let mut positions = BTreeMap::from([(key("a"), position)]);
            let sorted =
                sort(&[&event], &mut positions, &BTreeSet::from([key("a")]), &CrossSubjectOrder::default());
            assert_eq!((sorted.ready.len(), positions[&key("a")]), (1, first));
            assert_eq!(sorted.epoch_changes[0].is_fork(), is_fork);
        }
    }

    #[test]
    fn nothing_overtakes_a_parked_event_of_its_subject() {
        let events = [incoming("a", 1), incoming("b", 1)];
        let mut positions = BTreeMap::new();
        let sorted = sort(
            &events.iter().collect::<Vec<_>>(),
            &mut positions,
            &BTreeSet::from([key("a")]),
            &CrossSubjectOrder::default(),
        );
        assert_eq!((sorted.behind.len(), sorted.ready.len()), (1, 1));
        assert_eq!(sorted.ready[0].key.subject, "b");
    }

    #[test]
    fn what_must_not_overtake_another_subject_waits_for_it_and_its_own_subject_behind_it() {
        let events = [behind_another("a", 1), incoming("a", 2), incoming("b", 1)];
        let x = SubjectKey { source: "/other".into(), subject: "x".into() };
        for (taken, ready, waiting) in [(None, 1, 2), (Some(4), 1, 2), (Some(5), 3, 0), (Some(9), 3, 0)] {
            let others = CrossSubjectOrder(taken.map(|taken| (x.clone(), taken)).into_iter().collect());
            let events: Vec<&Incoming> = events.iter().collect();
            let sorted = sort(&events, &mut BTreeMap::new(), &BTreeSet::new(), &others);
            assert_eq!((sorted.ready.len(), sorted.waiting.len()), (ready, waiting), "{taken:?}");
        }
    }

    #[test]
    fn a_duplicate_waits_for_nothing() {
        let event = behind_another("a", 1);
        let mut positions = BTreeMap::from([(key("a"), 1)]);
        let sorted = sort(&[&event], &mut positions, &BTreeSet::new(), &CrossSubjectOrder::default());
        assert_eq!(sorted.duplicates.len(), 1);
    }
}
