//! Sources that earlier releases named differently: what is still queued, logged or stored under an old name continues under
//! the new one, so that nothing takes effect twice.

pub(crate) mod rows;

use std::sync::Arc;

use crate::incoming::Incoming;

/// A part of what was one source in earlier releases, and what it is called now.
#[derive(Clone, Debug)]
pub struct RenamedSource {
    /// The former `source`: `/inventory`.
    pub source: String,
    /// The types of the events that are meant.
    pub types: Vec<String>,
    /// Their subjects, as a regular expression of PostgreSQL; all, if there is none.
    pub subjects: Option<String>,
    /// The `source` that these events have now: `/inventory/holds`.
    pub now: String,
}

/// All former sources that a service may meet.
#[derive(Clone, Debug, Default)]
pub(crate) struct RenamedSources(Arc<[RenamedSource]>);

impl RenamedSources {
    pub fn new(sources: Vec<RenamedSource>) -> Self {
        Self(sources.into())
    }

    pub fn iter(&self) -> impl Iterator<Item = &RenamedSource> {
        self.0.iter()
    }

    /// What the source of an event of this type is called now, if it is a former one.
    pub fn now(&self, source: &str, event_type: &str) -> Option<&str> {
        let is_meant =
            |former: &&RenamedSource| former.source == source && former.types.iter().any(|t| t == event_type);
        self.0.iter().find(is_meant).map(|former| former.now.as_str())
    }

    /// The event under its present name.
    pub fn rename(&self, event: Incoming) -> Incoming {
        match self.now(&event.key.source, &event.kind) {
            Some(now) => event.with_source(now),
            None => event,
        }
    }
}
