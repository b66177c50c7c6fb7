//! What a change of a service's OpenAPI description breaks for its clients.
//!
//! Clients of the committed description meet the new service: their requests must still be accepted, and what they read
//! in the responses must still be there. So responses may gain fields, and requests optional ones.

use serde_json::Value;

use super::breaking_change::BreakingChange;
use super::comparison::{Comparison, Usage};
use super::json_schema::elements;

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];
const INSTEAD: &str = "Leave it as it was, and add a route or an optional field beside it.";

/// What breaks between the committed description and the new one.
#[must_use]
pub fn breaks(committed: &Value, new: &Value) -> Vec<BreakingChange> {
    let mut breaks = Vec::new();
    let paths = committed["paths"].as_object().into_iter().flatten();
    for (path, operations) in paths {
        for method in METHODS {
            let Some(old) = operations.get(method) else { continue };
            let name = format!("{} {path}", method.to_uppercase());
            match new["paths"][path].get(method) {
                Some(is) => breaks.extend(operation(&name, (committed, old), (new, is))),
                None => breaks.push(found(&name, "", "is not there any more: clients use it.")),
            }
        }
    }
    breaks
}

fn operation(
    name: &str,
    (old_root, old): (&Value, &Value),
    (new_root, new): (&Value, &Value),
) -> Vec<BreakingChange> {
    let mut breaks = parameters(name, old, new);
    let mut compare = |usage, old: Option<&Value>, new: Option<&Value>, part: &str| match (old, new) {
        (Some(old), Some(new)) => {
            let mut comparison = Comparison::new(name, usage, INSTEAD.to_owned(), (old_root, new_root));
            comparison.schemas("", old, new);
            breaks.extend(comparison.breaks());
        }
        (Some(_), None) => breaks.push(found(name, part, "is not there any more: clients use it.")),
        (None, _) => {}
    };
    compare(Usage::Request, body(&old["requestBody"]), body(&new["requestBody"]), "request body");
    for (status, answer) in old["responses"].as_object().into_iter().flatten() {
        compare(Usage::Response, body(answer), body(&new["responses"][status]), &format!("answer {status}"));
    }
    breaks
}

fn parameters(name: &str, old: &Value, new: &Value) -> Vec<BreakingChange> {
    let is_same = |one: &Value, other: &Value| one["name"] == other["name"] && one["in"] == other["in"];
    let (old, new) = (elements(&old["parameters"]), elements(&new["parameters"]));
    let mut breaks = Vec::new();
    for was in old {
        let parameter = was["name"].as_str().unwrap_or_default();
        match new.iter().find(|is| is_same(was, is)) {
            None => breaks.push(found(name, parameter, "is not taken any more: clients send it.")),
            Some(is) if is["required"] == true && was["required"] != true => {
                breaks.push(found(
                    name,
                    parameter,
                    "was optional and is required now: clients don't send it.",
                ));
            }
            Some(is) if is["schema"]["type"] != was["schema"]["type"] => {
                let what = format!("was {} and is {} now.", was["schema"]["type"], is["schema"]["type"]);
                breaks.push(found(name, parameter, &what));
            }
            Some(_) => {}
        }
    }
    for is in new.iter().filter(|is| is["required"] == true && !old.iter().any(|was| is_same(was, is))) {
        let parameter = is["name"].as_str().unwrap_or_default();
        breaks.push(found(name, parameter, "is new and required: clients don't send it."));
    }
    breaks
}

/// The schema of a JSON body.
fn body(message: &Value) -> Option<&Value> {
    let content = message["content"].as_object()?;
    content.iter().find(|(media_type, _)| media_type.contains("json")).map(|(_, content)| &content["schema"])
}

fn found(name: &str, field: &str, what: &str) -> BreakingChange {
    BreakingChange {
        name: name.to_owned(),
        field: field.to_owned(),
        what: what.to_owned(),
        instead: INSTEAD.to_owned(),
    }
}

#[cfg(test)]
mod tests;
