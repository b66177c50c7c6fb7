//! A model of a publisher that is restored from backups, and of a consumer that gets its messages late, in any order and
//! more than once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::epoch::{floor_of, next_number};

/// One subject of a publisher's database.
#[derive(Clone, Debug, Default)]
struct Publisher {
    epoch: i64,
    /// The numbers that its database knows.
    history: Vec<i64>,
}

impl Publisher {
    fn last(&self) -> i64 {
        self.history.last().copied().unwrap_or(0)
    }

    fn publish(&mut self) -> Number {
        let previous = self.last();
        let sequence = next_number(previous, floor_of(self.epoch));
        self.history.push(sequence);
        Number { sequence, previous }
    }
}

/// A consumer's inbox for that subject.
#[derive(Debug, Default)]
struct Consumer {
    position: i64,
    taken: Vec<i64>,
    parked: BTreeMap<i64, Number>,
    /// The positions and the numbers before each fork.
    forks: Vec<(i64, i64)>,
}

impl Consumer {
    fn deliver(&mut self, number: Number) {
        match Verdict::of(self.position, number) {
            verdict if verdict.takes() => self.take(number, verdict),
            Verdict::Gap => _ = self.parked.insert(number.sequence, number),
            Verdict::Duplicate => {}
            verdict => panic!("{verdict:?} of {number:?} at {}", self.position),
        }
        // What was parked may come next now; of two that do, the one of the newer epoch.
        let next = |consumer: &Self| {
            let mut newest_first = consumer.parked.values().rev().copied();
            newest_first.find(|number| Verdict::of(consumer.position, *number).takes())
        };
        while let Some(number) = next(self) {
            self.take(number, Verdict::of(self.position, number));
        }
    }

    fn take(&mut self, number: Number, verdict: Verdict) {
        if verdict == Verdict::Fork {
            self.forks.push((self.position, number.previous));
        }
        self.position = number.sequence;
        self.taken.push(number.sequence);
        self.parked.retain(|sequence, _| *sequence > number.sequence);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Publish,
    BackUp,
    Restore,
    /// Delivers one of the messages so far, once more if it was delivered before.
    Deliver(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Publish),
        1 => Just(Step::BackUp),
        1 => Just(Step::Restore),
        4 => any::<prop::sample::Index>().prop_map(Step::Deliver),
    ]
}

proptest! {
    #[test]
    fn whatever_the_order_the_publishers_history_is_taken_once_and_in_order(
        steps in prop::collection::vec(step(), 1..60),
        order in any::<prop::sample::Index>(),
    ) {
        let (mut publisher, mut consumer) = (Publisher::default(), Consumer::default());
        let (mut backup, mut sent, mut epochs) = (publisher.clone(), Vec::new(), 0);
        for step in steps {
            match step {
                Step::Publish => sent.push(publisher.publish()),
                Step::BackUp => backup = publisher.clone(),
                Step::Restore => {
                    epochs += 1;
                    publisher = Publisher { epoch: epochs, ..backup.clone() };
                }
                Step::Deliver(which) if !sent.is_empty() => consumer.deliver(*which.get(&sent)),
                Step::Deliver(_) => {}
            }
        }
        // In the end every message comes, from anywhere on.
        if !sent.is_empty() {
            let middle = order.index(sent.len());
            for number in sent[middle..].iter().chain(&sent[..middle]) {
                consumer.deliver(*number);
            }
        }
        let is_known = |number: &&i64| publisher.history.contains(number);
        let taken: Vec<i64> = consumer.taken.iter().filter(is_known).copied().collect();
        prop_assert_eq!(&taken, &publisher.history, "once each and in order, whatever else was taken");
        // What else was taken is of lost histories: each such event lies in a fork, or behind all that is known.
        for lost in consumer.taken.iter().filter(|number| !is_known(number)) {
            let is_noted = consumer.forks.iter().any(|(position, previous)| previous < lost && lost <= position);
            prop_assert!(is_noted || *lost > publisher.last(), "{} is noted nowhere", lost);
        }
        prop_assert!(consumer.parked.keys().all(|sequence| !publisher.history.contains(sequence)));
    }
}

#[test]
fn what_leaves_out_taken_events_without_a_new_epoch_is_a_conflict() {
    assert_eq!(Verdict::of(8, Number { sequence: 9, previous: 5 }), Verdict::Conflict);
}
