//! What a change of an event's schema breaks.
//!
//! The schema of a type holds for every event of that type: those that readers get tomorrow, and those that the log
//! has kept. So readers decide what is compatible, and there are two of them: one who knows the committed schema and
//! gets new events, and one who knows the new schema and reads old events. Neither is affected by a new optional field,
//! nor by other descriptions. Anything else counts as a breaking change, including a keyword that nobody thought of here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::breaking_change::BreakingChange;
use super::comparison::{Comparison, Usage};
use crate::schema::ENVELOPE;

/// What breaks between the committed schemas and those of the code, both by name.
#[must_use]
pub fn breaks(committed: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) -> Vec<BreakingChange> {
    let mut breaks = Vec::new();
    for (event_type, old) in committed {
        match new.get(event_type) {
            Some(new) => breaks.extend(between(event_type, old, new)),
            None => breaks.push(removed(event_type)),
        }
    }
    breaks
}

/// What breaks between the committed schema of an event type and the new one.
#[must_use]
pub fn between(event_type: &str, committed: &Value, new: &Value) -> Vec<BreakingChange> {
    let mut comparison = Comparison::new(event_type, Usage::Event, leave_it(event_type), (committed, new));
    comparison.schemas("", committed, new);
    comparison.breaks()
}

fn removed(event_type: &str) -> BreakingChange {
    BreakingChange {
        name: event_type.to_owned(),
        field: String::new(),
        what: "has a committed schema and is no longer in the code: the log still has such events, and their readers \
               wait for more."
            .to_owned(),
        instead: format!(
            "Put it back. Once there is no such event and no reader left, delete docs/schemas/{event_type}.json by hand."
        ),
    }
}

fn leave_it(event_type: &str) -> String {
    if event_type == ENVELOPE {
        return "Leave the envelope as it was: every reader of every event depends on it.".to_owned();
    }
    format!("Leave {event_type} as it was, and make {} beside it for what is new.", next_version(event_type))
}

fn next_version(event_type: &str) -> String {
    let next = event_type
        .rsplit_once(".v")
        .and_then(|(name, version)| Some((name, version.parse::<u32>().ok()? + 1)));
    next.map_or_else(|| "a new version".to_owned(), |(name, version)| format!("{name}.v{version}"))
}

#[cfg(test)]
mod tests;
