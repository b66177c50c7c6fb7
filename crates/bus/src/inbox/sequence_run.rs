//! Runs of events of one subject, without gaps.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::event_key::SubjectKey;
use crate::inbox::verdict::Verdict;
use crate::incoming::Incoming;

/// A run of events of one subject, without gaps.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SequenceRun {
    pub key: SubjectKey,
    /// The number before its first event.
    pub previous: i64,
    pub last: i64,
    /// When its last event happened, if that can be read.
    pub time: Option<DateTime<Utc>>,
    /// Whether nothing follows its last event.
    pub is_final: bool,
}

/// The events of a subject are not in sequence: one is missing between two others, or occurs twice.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {found} of subject '{subject}' from {origin} comes after {previous} in one batch")]
pub struct SequenceGap {
    /// Who published the events.
    pub origin: String,
    /// What they are about.
    pub subject: String,
    /// The number before the gap.
    pub previous: i64,
    /// The number that was found where the one after `previous` should be.
    pub found: i64,
}

impl SequenceRun {
    /// Of one event.
    pub fn of(event: &Incoming) -> Self {
        let key = SubjectKey::from(&event.key);
        let mut run = Self { key, previous: event.previous, last: 0, time: None, is_final: false };
        run.extend(event);
        run
    }

    /// Of events that nobody has, and that are passed over.
    pub fn missing(key: SubjectKey, previous: i64, last: i64) -> Self {
        Self { key, previous, last, time: None, is_final: false }
    }

    fn extend(&mut self, event: &Incoming) {
        self.last = event.key.sequence;
        if let Ok(envelope) = &event.envelope {
            self.time = Some(envelope.time);
            self.is_final = envelope.is_final;
        }
    }
}

/// The runs of events that are sorted by key.
pub(crate) fn sequence_runs(sorted: &[&Incoming]) -> Result<Vec<SequenceRun>, SequenceGap> {
    let mut runs: Vec<SequenceRun> = Vec::new();
    for event in sorted {
        let key = &event.key;
        match runs.last_mut() {
            Some(run) if run.key.source == key.source && run.key.subject == key.subject => {
                if !Verdict::of(run.last, event.number()).takes() {
                    return Err(SequenceGap {
                        origin: key.source.clone(),
                        subject: key.subject.clone(),
                        previous: run.last,
                        found: key.sequence,
                    });
                }
                run.extend(event);
            }
            _ => runs.push(SequenceRun::of(event)),
        }
    }
    Ok(runs)
}

/// Up to the last of these events of each subject; what lies before is passed over as well.
pub(crate) fn passed_over(events: &[Incoming]) -> Vec<SequenceRun> {
    let mut last: BTreeMap<SubjectKey, SequenceRun> = BTreeMap::new();
    for event in events {
        let run = SequenceRun::of(event);
        match last.get(&run.key) {
            Some(known) if known.last >= run.last => {}
            _ => _ = last.insert(run.key.clone(), run),
        }
    }
    last.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_key::EventKey;

    fn incoming(subject: &str, sequence: i64) -> Incoming {
        let key = EventKey { source: "/s".into(), subject: subject.into(), sequence };
        Incoming::new(key, None, None, "t".into(), vec![])
    }

    fn spans_of(events: &[(&str, i64)]) -> Result<Vec<(String, i64, i64)>, SequenceGap> {
        let events: Vec<Incoming> =
            events.iter().map(|(subject, sequence)| incoming(subject, *sequence)).collect();
        let runs = sequence_runs(&events.iter().collect::<Vec<_>>())?;
        Ok(runs.into_iter().map(|run| (run.key.subject, run.previous, run.last)).collect())
    }

    #[test]
    fn events_of_a_subject_without_a_gap_are_one_span() {
        let expected = vec![("a".into(), 2, 5), ("b".into(), 0, 1)];
        assert_eq!(spans_of(&[("a", 3), ("a", 4), ("a", 5), ("b", 1)]), Ok(expected));
    }

    #[test]
    fn a_gap_or_a_duplicate_is_an_error() {
        let error =
            |previous, found| Err(SequenceGap { origin: "/s".into(), subject: "a".into(), previous, found });
        assert_eq!(spans_of(&[("a", 3), ("a", 5)]), error(3, 5));
        assert_eq!(spans_of(&[("b", 1), ("a", 3), ("a", 3)]), error(3, 3));
    }
}
