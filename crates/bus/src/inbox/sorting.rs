//! Decides for each event of a batch what is to be done with it, by its subject's position.

use std::collections::{BTreeMap, BTreeSet};

use crate::incoming::Incoming;
use crate::place::SubjectKey;

/// The events of a batch by what is to be done with them.
#[derive(Default)]
pub(crate) struct Sorted<'a> {
    pub ready: Vec<&'a Incoming>,
    /// Ahead of their subject's position.
    pub waiting: Vec<&'a Incoming>,
    /// Behind a parked event of their subject.
    pub behind: Vec<&'a Incoming>,
    pub duplicates: usize,
}

/// Sorts events by what is to be done with them, and moves `positions` past those that are ready.
pub(crate) fn sort<'a>(
    events: &[&'a Incoming],
    positions: &mut BTreeMap<SubjectKey, i64>,
    blocked: &BTreeSet<SubjectKey>,
) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    for event in events {
        let key = SubjectKey::from(&event.place);
        let is_blocked = blocked.contains(&key);
        let position = positions.entry(key).or_default();
        #[cfg(debug_assertions)]
        if crate::fault_injection::takes(event.place.sequence, *position) {
            *position = event.place.sequence.max(*position);
            sorted.ready.push(event);
            continue;
        }
        if event.place.sequence <= *position {
            sorted.duplicates += 1;
        } else if is_blocked {
            sorted.behind.push(event);
        } else if event.place.sequence == *position + 1 {
            *position += 1;
            sorted.ready.push(event);
        } else {
            sorted.waiting.push(event);
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    fn incoming(subject: &str, sequence: i64) -> Incoming {
        let place = Place { source: "/s".into(), subject: subject.into(), sequence };
        Incoming::new(place, None, None, "t".into(), vec![])
    }

    fn key(subject: &str) -> SubjectKey {
        SubjectKey { source: "/s".into(), subject: subject.into() }
    }

    #[test]
    fn what_was_taken_is_a_duplicate_what_comes_next_is_ready_and_what_is_ahead_waits() {
        let events = [incoming("a", 2), incoming("a", 3), incoming("a", 5)];
        let mut positions = BTreeMap::from([(key("a"), 2)]);
        let sorted = sort(&events.iter().collect::<Vec<_>>(), &mut positions, &BTreeSet::new());
        assert_eq!((sorted.duplicates, sorted.ready.len(), sorted.waiting.len()), (1, 1, 1));
        assert_eq!(positions[&key("a")], 3);
    }

    #[test]
    fn the_same_event_twice_in_a_batch_is_ready_once() {
        let events = [incoming("a", 1), incoming("a", 1)];
        let sorted = sort(&events.iter().collect::<Vec<_>>(), &mut BTreeMap::new(), &BTreeSet::new());
        assert_eq!((sorted.duplicates, sorted.ready.len()), (1, 1));
    }

    #[test]
    fn nothing_overtakes_a_parked_event_of_its_subject() {
        let events = [incoming("a", 1), incoming("b", 1)];
        let mut positions = BTreeMap::new();
        let sorted = sort(&events.iter().collect::<Vec<_>>(), &mut positions, &BTreeSet::from([key("a")]));
        assert_eq!((sorted.behind.len(), sorted.ready.len()), (1, 1));
        assert_eq!(sorted.ready[0].place.subject, "b");
    }
}
