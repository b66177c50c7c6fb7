//! What a change of a service's OpenAPI description breaks for its clients.
//!
//! Clients of the committed description meet the new service: what they ask must still be taken, and what they read of
//! the answers must still be there. So answers may gain fields, and requests optional ones.

use serde_json::Value;

use crate::compatibility::Break;
use crate::compatibility::comparison::{Comparison, Whose, elements};

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];
const WAY_OUT: &str = "Leave it as it was, and add a route or an optional field beside it.";

/// What breaks between the committed description and the new one.
#[must_use]
pub fn breaks(committed: &Value, new: &Value) -> Vec<Break> {
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

fn operation(name: &str, (old_root, old): (&Value, &Value), (new_root, new): (&Value, &Value)) -> Vec<Break> {
    let mut breaks = parameters(name, old, new);
    let mut compare = |whose, old: Option<&Value>, new: Option<&Value>, part: &str| match (old, new) {
        (Some(old), Some(new)) => {
            let mut comparison = Comparison::within(name, whose, WAY_OUT.to_owned(), old_root, new_root);
            comparison.schemas("", old, new);
            breaks.extend(comparison.breaks());
        }
        (Some(_), None) => breaks.push(found(name, part, "is not there any more: clients use it.")),
        (None, _) => {}
    };
    compare(Whose::Request, body(&old["requestBody"]), body(&new["requestBody"]), "request body");
    for (status, answer) in old["responses"].as_object().into_iter().flatten() {
        compare(Whose::Response, body(answer), body(&new["responses"][status]), &format!("answer {status}"));
    }
    breaks
}

fn parameters(name: &str, old: &Value, new: &Value) -> Vec<Break> {
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

/// The schema of what is said in JSON.
fn body(said: &Value) -> Option<&Value> {
    let content = said["content"].as_object()?;
    content.iter().find(|(kind, _)| kind.contains("json")).map(|(_, content)| &content["schema"])
}

fn found(name: &str, field: &str, what: &str) -> Break {
    Break {
        event: name.to_owned(),
        field: field.to_owned(),
        what: what.to_owned(),
        way_out: WAY_OUT.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service() -> Value {
        let line = json!({"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}});
        let reference = json!({"$ref": "#/components/schemas/Line"});
        json!({
            "paths": {"/lines/{id}": {"post": {
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                               {"name": "page", "in": "query", "required": false, "schema": {"type": "integer"}}],
                "requestBody": {"content": {"application/json": {"schema": reference.clone()}}},
                "responses": {"200": {"content": {"application/json": {"schema": {"type": "array", "items": reference}}}}}
            }}},
            "components": {"schemas": {"Line": line}}
        })
    }

    /// What clients say of a service in which this was changed.
    fn after(pointer: &str, value: Value) -> String {
        let mut new = service();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = new.pointer_mut(parent).unwrap();
        if value.is_null() {
            parent.as_object_mut().unwrap().remove(key);
        } else {
            parent[key] = value;
        }
        breaks(&service(), &new).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_clients_rely_on_must_stay() {
        assert_eq!(
            after("/paths", json!({})).lines().next().unwrap(),
            format!("POST /lines/{{id}}: is not there any more: clients use it. {WAY_OUT}")
        );
        assert!(
            after("/components/schemas/Line/properties/sku/type", json!("integer"))
                .contains("was string and is integer")
        );
        let line = "/components/schemas/Line/properties";
        assert!(after(line, json!({})).contains("`[].sku` was removed"));
        let operation = "/paths/~1lines~1{id}/post";
        let required = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                              {"name": "page", "in": "query", "required": true, "schema": {"type": "integer"}},
                              {"name": "size", "in": "query", "required": true, "schema": {"type": "integer"}}]);
        let told = after(&format!("{operation}/parameters"), required);
        assert!(told.contains("`page` was optional and is required now"), "{told}");
        assert!(told.contains("`size` is new and required"), "{told}");
        assert!(after(&format!("{operation}/parameters"), json!([])).contains("`id` is not taken any more"));
        assert!(
            after(&format!("{operation}/responses"), json!({}))
                .contains("`answer 200` is not there any more")
        );
    }

    #[test]
    fn a_new_required_field_breaks_who_asks_and_not_who_reads() {
        let line = json!({"type": "object", "required": ["sku", "note"],
                          "properties": {"sku": {"type": "string"}, "note": {"type": "string"}}});
        let told = after("/components/schemas/Line", line);
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains("`note` is new and required: clients don't send it."), "{told}");
    }

    #[test]
    fn optional_fields_and_other_words_break_nobody() {
        assert_eq!(after("/components/schemas/Line/properties/note", json!({"type": "string"})), "");
        assert_eq!(after("/components/schemas/Line/description", json!("a line")), "");
        assert_eq!(after("/paths/~1more", json!({"get": {}})), "");
        assert_eq!(after("/info", json!({"title": "more"})), "");
    }
}
