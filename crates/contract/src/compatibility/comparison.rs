use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::breaking_change::BreakingChange;
use super::json_schema::{elements, fields, reference, requires, shown, types, without_null};

/// For people; a validator ignores them.
const ANNOTATIONS: [&str; 9] =
    ["$schema", "$id", "$comment", "title", "description", "example", "examples", "default", "deprecated"];
/// They narrow what a value may be.
const LIMITS: [&str; 5] = ["pattern", "minLength", "maxLength", "minimum", "maximum"];
/// Where references lead. What is there is compared where it is used.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// Compares two schemas, field by field.
pub struct Comparison<'a> {
    name: &'a str,
    usage: Usage,
    instead: String,
    /// The documents that references are looked up in.
    old_root: &'a Value,
    new_root: &'a Value,
    /// References under comparison already: a type that contains itself has no end.
    compared: BTreeSet<(String, String)>,
    breaks: Vec<BreakingChange>,
}

/// Who writes by one schema and reads by the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Both: new events get to readers of the old schema, and old events to readers of the new one.
    Event,
    /// New servers answer old clients.
    Response,
    /// Old clients ask new servers.
    Request,
}

impl<'a> Comparison<'a> {
    /// Of schemas in an old and a new document. `instead` is what to do instead of a breaking change.
    pub fn new(name: &'a str, usage: Usage, instead: String, roots: (&'a Value, &'a Value)) -> Self {
        let (old_root, new_root) = roots;
        Self { name, usage, instead, old_root, new_root, compared: BTreeSet::new(), breaks: Vec::new() }
    }

    pub fn breaks(self) -> Vec<BreakingChange> {
        self.breaks
    }

    fn found(&mut self, field: &str, what: String) {
        let (name, instead) = (self.name.to_owned(), self.instead.clone());
        self.breaks.push(BreakingChange { name, field: field.to_owned(), what, instead });
    }

    pub fn schemas(&mut self, path: &str, old: &'a Value, new: &'a Value) {
        if let (Some(old), Some(new)) = (reference(old), reference(new))
            && !self.compared.insert((old.to_owned(), new.to_owned()))
        {
            return;
        }
        let (old, old_may_be_null) = without_null(self.old_root, old);
        let (new, new_may_be_null) = without_null(self.new_root, new);
        let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
            if old != new {
                self.found(path, format!("was {old} and is {new} now."));
            }
            return;
        };
        let (old_types, new_types) = (types(old, old_may_be_null), types(new, new_may_be_null));
        if old_types != new_types {
            let (was, is) = (shown(&old_types), shown(&new_types));
            self.found(path, format!("was {was} and is {is} now: readers expect {was}."));
            // Of another type, all else differs too.
            return;
        }
        self.fields(path, old, new);
        self.keywords(path, old, new);
    }

    fn keywords(&mut self, path: &str, old: &'a Map<String, Value>, new: &'a Map<String, Value>) {
        let keywords: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for keyword in keywords {
            let pair = (old.get(keyword), new.get(keyword));
            match (keyword.as_str(), pair) {
                ("type" | "properties" | "required", _) => {}
                (other, _) if ANNOTATIONS.contains(&other) || DEFINITIONS.contains(&other) => {}
                ("items" | "additionalProperties", (Some(old), Some(new)))
                    if !old.is_array() && !new.is_array() =>
                {
                    self.schemas(&format!("{path}[]"), old, new);
                }
                ("oneOf" | "anyOf" | "allOf" | "prefixItems" | "items", (Some(old), Some(new)))
                    if same_length(old, new) =>
                {
                    for (old, new) in elements(old).iter().zip(elements(new)) {
                        self.schemas(path, old, new);
                    }
                }
                (keyword, (old, new)) => self.keyword(path, keyword, old, new),
            }
        }
    }

    fn fields(&mut self, path: &str, old: &'a Map<String, Value>, new: &'a Map<String, Value>) {
        for (name, was) in fields(old) {
            let path = inside(path, name);
            let Some(is) = fields(new).find_map(|(other, is)| (other == name).then_some(is)) else {
                self.found(&path, "was removed: readers use it.".to_owned());
                continue;
            };
            match (requires(old, name), requires(new, name)) {
                (true, false) if self.usage != Usage::Request => {
                    self.found(&path, "was required and is optional now: readers count on it.".to_owned());
                }
                (false, true) if self.usage != Usage::Response => {
                    self.found(&path, format!("was optional and is required now: {}", self.who_lacks_it()));
                }
                _ => {}
            }
            self.schemas(&path, was, is);
        }
        for (name, _) in fields(new).filter(|(name, _)| !fields(old).any(|(other, _)| other == *name)) {
            if requires(new, name) && self.usage != Usage::Response {
                let what = format!(
                    "is new and required: {} A new field is an Option that is left out when it is None.",
                    self.who_lacks_it()
                );
                self.found(&inside(path, name), what);
            }
        }
    }

    fn who_lacks_it(&self) -> &'static str {
        if self.usage == Usage::Request { "clients don't send it." } else { "events in the log lack it." }
    }

    fn keyword(&mut self, path: &str, keyword: &str, old: Option<&Value>, new: Option<&Value>) {
        let is_harmless = match (self.usage, old, new) {
            (Usage::Response, None, Some(_)) | (Usage::Request, Some(_), None) => LIMITS.contains(&keyword),
            _ => old == new,
        };
        if is_harmless {
            return;
        }
        let what = match (old, new) {
            (Some(old), Some(new)) => format!("had {keyword} {old} and has {new} now"),
            (Some(old), None) => format!("had {keyword} {old} and has none now"),
            (None, new) => format!("has {keyword} {} now and had none", new.unwrap_or(&Value::Null)),
        };
        let whom = match keyword {
            "enum" | "const" | "oneOf" | "anyOf" => {
                "readers know only the values that were, and the log has all of them."
            }
            _ => "readers get values that they don't expect, or the log has some that are no longer valid.",
        };
        self.found(path, format!("{what}: {whom}"));
    }
}

fn inside(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

fn same_length(one: &Value, other: &Value) -> bool {
    one.is_array() && other.is_array() && elements(one).len() == elements(other).len()
}
