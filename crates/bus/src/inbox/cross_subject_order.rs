//! Which events must wait for others of another subject. Pure.
//!
//! What an event names must be committed, not just be in the same batch: so whoever handles it sees the effects, in
//! whatever order it goes through a batch.

use std::collections::{BTreeMap, BTreeSet};

use envelope::After;

use crate::event_key::SubjectKey;
use crate::incoming::Incoming;

/// How far the subjects are that other subjects' events must not overtake.
#[derive(Debug, Default)]
pub(crate) struct CrossSubjectOrder(pub BTreeMap<SubjectKey, i64>);

impl CrossSubjectOrder {
    /// Those that these events name; usually none.
    pub fn named_by(events: &[&Incoming]) -> BTreeSet<SubjectKey> {
        events.iter().filter_map(|event| event.after.as_ref()).map(key).collect()
    }

    /// Whether the event need not wait for one of another subject.
    pub fn admit(&self, event: &Incoming) -> bool {
        event
            .after
            .as_ref()
            .is_none_or(|after| self.0.get(&key(after)).is_some_and(|taken| *taken >= after.sequence))
    }
}

fn key(After { source, subject, .. }: &After) -> SubjectKey {
    SubjectKey { source: source.clone(), subject: subject.clone() }
}
