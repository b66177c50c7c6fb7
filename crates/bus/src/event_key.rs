//! What orders events: a subject of a source, and an event's number in it.

use envelope::Envelope;

/// A source and one of its subjects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SubjectKey {
    pub source: String,
    pub subject: String,
}

impl From<&EventKey> for SubjectKey {
    fn from(key: &EventKey) -> Self {
        Self { source: key.source.clone(), subject: key.subject.clone() }
    }
}

impl SubjectKey {
    /// What the event is about.
    pub fn of(event: &Envelope) -> Self {
        Self { source: event.source.clone(), subject: event.subject.clone() }
    }
}

/// The number of an event among its source's events of a subject. Ordered by subject first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EventKey {
    pub source: String,
    pub subject: String,
    pub sequence: i64,
}

impl EventKey {
    pub fn new(key: &SubjectKey, sequence: i64) -> Self {
        Self { source: key.source.clone(), subject: key.subject.clone(), sequence }
    }
}

/// Two columns, for `unnest`.
pub(crate) fn columns<'a>(keys: impl IntoIterator<Item = &'a SubjectKey>) -> (Vec<&'a str>, Vec<&'a str>) {
    keys.into_iter().map(|key| (key.source.as_str(), key.subject.as_str())).unzip()
}
