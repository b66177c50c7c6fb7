//! A model of publishers whose events name others of other subjects, and of a consumer that gets them in any order, in batches
//! and more than once.

use envelope::After;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::event_key::EventKey;

const SUBJECTS: [(&str, &str); 5] = [("/a", "x"), ("/a", "y"), ("/b", "x"), ("/b", "y"), ("/c", "x")];

/// A consumer that keeps in memory what others keep in tables.
#[derive(Default)]
struct Consumer {
    positions: BTreeMap<SubjectKey, i64>,
    parked: BTreeMap<EventKey, Incoming>,
    /// What each transaction has taken, in order.
    taken: Vec<Vec<EventKey>>,
}

impl Consumer {
    fn take(&mut self, batch: &[&Incoming], blocked: &BTreeSet<SubjectKey>) {
        let mut batch = batch.to_vec();
        batch.sort_by(|a, b| a.key.cmp(&b.key));
        let named = CrossSubjectOrder::named_by(&batch);
        let committed = self.positions.clone();
        let others = named.into_iter().filter_map(|key| Some((key.clone(), *committed.get(&key)?)));
        let sorted = sort(&batch, &mut self.positions, blocked, &CrossSubjectOrder(others.collect()));
        assert!(sorted.conflicting.is_empty());
        for event in sorted.ready.iter().chain(&sorted.duplicates) {
            self.parked.remove(&event.key);
        }
        self.taken.push(sorted.ready.iter().map(|event| event.key.clone()).collect());
        for event in sorted.waiting.into_iter().chain(sorted.behind) {
            self.parked.insert(event.key.clone(), event.clone());
        }
    }

    fn deliver(&mut self, batch: &[&Incoming]) {
        let blocked = self.parked.keys().map(SubjectKey::from).collect();
        self.take(batch, &blocked);
    }

    /// Tries the first parked event of each subject, as long as that helps.
    fn sweep(&mut self) {
        loop {
            let mut first: BTreeMap<SubjectKey, Incoming> = BTreeMap::new();
            for event in self.parked.values() {
                first.entry(SubjectKey::from(&event.key)).or_insert_with(|| event.clone());
            }
            let before = self.parked.len();
            self.take(&first.values().collect::<Vec<_>>(), &BTreeSet::new());
            if self.parked.len() == before {
                return;
            }
        }
    }
}

/// The events that publishers write, one after the other: each of a subject, perhaps after one that was written before.
fn published(steps: &[(usize, Option<Index>)]) -> Vec<Incoming> {
    let mut written: Vec<Incoming> = Vec::new();
    for (subject, after) in steps {
        let (source, subject) = SUBJECTS[*subject];
        let of_subject = |event: &&Incoming| event.key.source == source && event.key.subject == subject;
        let sequence = i64::try_from(written.iter().filter(of_subject).count()).unwrap() + 1;
        let key = EventKey { source: source.into(), subject: subject.into(), sequence };
        let mut event = Incoming::new(key, None, None, "t".into(), vec![]);
        let of_others: Vec<&Incoming> = written.iter().filter(|event| !of_subject(event)).collect();
        event.after = after.filter(|_| !of_others.is_empty()).map(|after| {
            let EventKey { source, subject, sequence } = after.get(&of_others).key.clone();
            After { source, subject, sequence }
        });
        written.push(event);
    }
    written
}

proptest! {
    #[test]
    fn each_event_is_taken_once_after_what_it_names_and_nothing_is_left_waiting(
        steps in prop::collection::vec((0..SUBJECTS.len(), prop::option::of(any::<Index>())), 1..40),
        deliveries in prop::collection::vec((prop::collection::vec(any::<Index>(), 1..6), any::<bool>()), 0..40),
        last in any::<Index>(),
    ) {
        let events = published(&steps);
        let mut consumer = Consumer::default();
        for (batch, sweeps) in deliveries {
            let batch: BTreeMap<EventKey, &Incoming> =
                batch.iter().map(|which| which.get(&events)).map(|event| (event.key.clone(), event)).collect();
            consumer.deliver(&batch.into_values().collect::<Vec<_>>());
            if sweeps {
                consumer.sweep();
            }
        }
        // In the end every message comes, from anywhere on.
        let middle = last.index(events.len());
        for event in events[middle..].iter().chain(&events[..middle]) {
            consumer.deliver(&[event]);
        }
        consumer.sweep();

        prop_assert!(consumer.parked.is_empty(), "left waiting: {:?}", consumer.parked.keys());
        let transaction = |key: &EventKey| consumer.taken.iter().position(|taken| taken.contains(key));
        for event in &events {
            let times = consumer.taken.iter().flatten().filter(|key| **key == event.key).count();
            prop_assert_eq!(times, 1, "{:?}", event.key);
            if let Some(After { source, subject, sequence }) = event.after.clone() {
                let named = EventKey { source, subject, sequence };
                prop_assert!(transaction(&named) < transaction(&event.key), "it was committed before");
            }
        }
        for (source, subject) in SUBJECTS {
            let of_subject = |key: &&EventKey| key.source == source && key.subject == subject;
            let order: Vec<i64> =
                consumer.taken.iter().flatten().filter(of_subject).map(|key| key.sequence).collect();
            prop_assert!(order.is_sorted(), "{} {}: {:?}", source, subject, order);
        }
    }
}
