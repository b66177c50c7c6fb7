//! What a service knows about the sources of arriving events.

use std::collections::BTreeSet;
use std::sync::Arc;

use envelope::source_of;

use crate::incoming::Incoming;
use crate::renamed_source::RenamedSources;

/// What former releases named otherwise, and what the service listens to.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownSources {
    former: RenamedSources,
    /// All, where the service hasn't said it.
    listens_to: Option<Arc<BTreeSet<String>>>,
}

impl KnownSources {
    pub fn new(former: RenamedSources, listens_to: Option<&[String]>) -> Self {
        let listens_to = listens_to.map(|aggregates| aggregates.iter().map(|name| source_of(name)).collect());
        Self { former, listens_to: listens_to.map(Arc::new) }
    }

    /// The event under its present name. It waits for no other of which the service takes nothing.
    pub fn admit(&self, event: Incoming) -> Incoming {
        let mut event = self.former.rename(event);
        if let Some(listens_to) = &self.listens_to {
            event.after = event.after.filter(|after| listens_to.contains(&after.source));
        }
        event
    }
}
