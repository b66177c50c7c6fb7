//! An event and all that it caused, as a tree.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

/// An event's place in a tree.
pub trait Node {
    /// Its id.
    fn id(&self) -> Uuid;
    /// The event that caused it.
    fn cause(&self) -> Option<Uuid>;
}

/// The events in the order in which a tree is read, each with its depth: an event, then what it caused, one after the other
/// in the order that they have, each with all that it caused in turn.
pub fn in_tree_order<N: Node>(root: N, effects: Vec<N>) -> Vec<(usize, N)> {
    let mut by_cause: BTreeMap<Option<Uuid>, Vec<N>> = BTreeMap::new();
    for effect in effects {
        by_cause.entry(effect.cause()).or_default().push(effect);
    }
    let (mut tree, mut next) = (Vec::new(), vec![(0, root)]);
    let mut seen = HashSet::new();
    while let Some((depth, node)) = next.pop() {
        // Nothing causes itself; but anybody may publish.
        if !seen.insert(node.id()) {
            continue;
        }
        let caused = by_cause.remove(&Some(node.id())).unwrap_or_default();
        next.extend(caused.into_iter().rev().map(|effect| (depth + 1, effect)));
        tree.push((depth, node));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Event(u128, Option<u128>);

    impl Node for Event {
        fn id(&self) -> Uuid {
            Uuid::from_u128(self.0)
        }

        fn cause(&self) -> Option<Uuid> {
            self.1.map(Uuid::from_u128)
        }
    }

    fn order(effects: Vec<Event>) -> Vec<(usize, u128)> {
        in_tree_order(Event(1, None), effects).into_iter().map(|(depth, event)| (depth, event.0)).collect()
    }

    #[test]
    fn what_an_event_caused_stands_below_it_in_its_order() {
        let effects = vec![Event(2, Some(1)), Event(3, Some(1)), Event(4, Some(2)), Event(5, Some(4))];
        assert_eq!(order(effects), [(0, 1), (1, 2), (2, 4), (3, 5), (1, 3)]);
    }

    #[test]
    fn events_that_cause_each_other_end() {
        assert_eq!(order(vec![Event(2, Some(1)), Event(1, Some(2)), Event(1, Some(1))]), [(0, 1), (1, 2)]);
    }
}
