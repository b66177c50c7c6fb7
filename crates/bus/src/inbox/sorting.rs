use super::*;

fn incoming(subject: &str, sequence: i64) -> Incoming {
    let place = Place { source: "/s".into(), subject: subject.into(), sequence };
    Incoming::new(place, None, "t".into(), vec![])
}

fn key(subject: &str) -> Key {
    Key { source: "/s".into(), subject: subject.into() }
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
