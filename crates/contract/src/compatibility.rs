//! What a change of a schema breaks.
//!
//! The schema of a type holds for every event of that type: those that readers get tomorrow, and those that the log
//! has kept. So readers decide what is compatible, and there are two of them: one who knows the committed schema and
//! gets new events, and one who knows the new schema and reads old events. Neither is hurt by a new optional field, nor
//! by other words. Anything else is taken for a break, also a keyword that nobody thought of here.

pub(crate) mod comparison;

use std::collections::BTreeMap;
use std::fmt;

use comparison::Comparison;
use serde_json::Value;

use crate::schema::ENVELOPE;

/// One thing that a reader would stumble over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The kind of event, or [`ENVELOPE`].
    pub event: String,
    /// The path of the field, `unit_price.amount`; empty for the event as a whole.
    pub field: String,
    /// What was, what is, and whom that hurts.
    pub what: String,
    /// What to do instead.
    pub way_out: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.event)?;
        if !self.field.is_empty() {
            write!(f, "field `{}` ", self.field)?;
        }
        write!(f, "{} {}", self.what, self.way_out)
    }
}

fn leave_it(event: &str) -> String {
    if event == ENVELOPE {
        return "Leave the envelope as it was: every reader of every event depends on it.".to_owned();
    }
    format!("Leave {event} as it was, and make {} beside it for what is new.", next_version(event))
}

fn next_version(event: &str) -> String {
    let next =
        event.rsplit_once(".v").and_then(|(name, version)| Some((name, version.parse::<u32>().ok()? + 1)));
    next.map_or_else(|| "a new version".to_owned(), |(name, version)| format!("{name}.v{version}"))
}

/// What breaks between the committed schemas and those of the code, both by name.
#[must_use]
pub fn breaks(committed: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) -> Vec<Break> {
    let mut breaks = Vec::new();
    for (event, old) in committed {
        match new.get(event) {
            Some(new) => breaks.extend(between(event, old, new)),
            None => breaks.push(Break {
                event: event.clone(),
                field: String::new(),
                what: "has a committed schema and is not in the code any more: the log still has such events, and \
                       their readers wait for more."
                    .to_owned(),
                way_out: format!(
                    "Put it back. Once no such event and no reader is left, delete docs/schemas/{event}.json by hand."
                ),
            }),
        }
    }
    breaks
}

/// What breaks between the committed schema of an event and the new one.
#[must_use]
pub fn between(event: &str, committed: &Value, new: &Value) -> Vec<Break> {
    Comparison::between(event, committed, new)
}

#[cfg(test)]
mod tests;
