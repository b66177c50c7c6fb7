use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Break, leave_it};

/// Words for people; a validator passes them over.
const WORDS: [&str; 8] =
    ["$schema", "$id", "$comment", "title", "description", "examples", "default", "deprecated"];
/// Where references lead to. What is there is compared where it is used.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

pub(crate) struct Comparison<'a> {
    event: &'a str,
    whose: Whose,
    way_out: String,
    old_root: &'a Value,
    new_root: &'a Value,
    /// References under comparison already: a type that contains itself has no end.
    compared: BTreeSet<(String, String)>,
    breaks: Vec<Break>,
}

/// Who writes by one schema and reads by the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Both: new events get to readers of the old schema, and old events to readers of the new one.
    Event,
    /// New servers answer old clients.
    Response,
    /// Old clients ask new servers.
    Request,
}

impl<'a> Comparison<'a> {
    pub fn between(event: &'a str, committed: &'a Value, new: &'a Value) -> Vec<Break> {
        let mut comparison = Self::within(event, Whose::Event, leave_it(event), committed, new);
        comparison.schemas("", committed, new);
        comparison.breaks
    }

    /// To compare schemas that are parts of documents.
    pub fn within(
        event: &'a str,
        whose: Whose,
        way_out: String,
        old_root: &'a Value,
        new_root: &'a Value,
    ) -> Self {
        Self { event, whose, way_out, old_root, new_root, compared: BTreeSet::new(), breaks: Vec::new() }
    }

    pub fn breaks(self) -> Vec<Break> {
        self.breaks
    }

    fn found(&mut self, field: &str, what: String) {
        let way_out = self.way_out.clone();
        self.breaks.push(Break { event: self.event.to_owned(), field: field.to_owned(), what, way_out });
    }

    pub fn schemas(&mut self, path: &str, old: &'a Value, new: &'a Value) {
        if let (Some(old), Some(new)) = (reference(old), reference(new))
            && !self.compared.insert((old.to_owned(), new.to_owned()))
        {
            return;
        }
        let (old, new) = (followed(self.old_root, old), followed(self.new_root, new));
        let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
            if old != new {
                self.found(path, format!("was {old} and is {new} now."));
            }
            return;
        };
        if types(old) != types(new) {
            let (was, is) = (shown_types(old), shown_types(new));
            self.found(path, format!("was {was} and is {is} now: readers expect {was}."));
            // Of another type, all else differs too.
            return;
        }
        self.fields(path, old, new);
        let keywords: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for keyword in keywords {
            let pair = (old.get(keyword), new.get(keyword));
            match (keyword.as_str(), pair) {
                ("type" | "properties" | "required", _) => {}
                (word, _) if WORDS.contains(&word) || DEFINITIONS.contains(&word) => {}
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
                (true, false) if self.whose != Whose::Request => {
                    self.found(&path, "was required and is optional now: readers count on it.".to_owned());
                }
                (false, true) if self.whose != Whose::Response => {
                    self.found(&path, format!("was optional and is required now: {}", self.who_lacks_it()));
                }
                _ => {}
            }
            self.schemas(&path, was, is);
        }
        for (name, _) in fields(new).filter(|(name, _)| !fields(old).any(|(other, _)| other == *name)) {
            if requires(new, name) && self.whose != Whose::Response {
                let what = format!(
                    "is new and required: {} A new field is an Option that is left out when it is None.",
                    self.who_lacks_it()
                );
                self.found(&inside(path, name), what);
            }
        }
    }

    fn who_lacks_it(&self) -> &'static str {
        if self.whose == Whose::Request { "clients don't send it." } else { "events in the log lack it." }
    }

    fn keyword(&mut self, path: &str, keyword: &str, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
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
            _ => {
                "readers get values that they don't expect, or the log has some that are not valid any more."
            }
        };
        self.found(path, format!("{what}: {whom}"));
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()
}

/// What a schema refers to, if it does and that is in the same document.
fn followed<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target = reference(schema).and_then(|reference| root.pointer(reference.strip_prefix('#')?));
    target.map_or(schema, |target| followed(root, target))
}

fn types(schema: &Map<String, Value>) -> BTreeSet<&str> {
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => BTreeSet::new(),
    }
}

fn shown_types(schema: &Map<String, Value>) -> String {
    let types: Vec<_> = types(schema).into_iter().collect();
    if types.is_empty() { "of any type".to_owned() } else { types.join(" or ") }
}

fn fields(schema: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

fn requires(schema: &Map<String, Value>, field: &str) -> bool {
    schema.get("required").is_some_and(|required| elements(required).iter().any(|one| one == field))
}

fn inside(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

pub(crate) fn elements(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn same_length(one: &Value, other: &Value) -> bool {
    one.is_array() && other.is_array() && elements(one).len() == elements(other).len()
}
