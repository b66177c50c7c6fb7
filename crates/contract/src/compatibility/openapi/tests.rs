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

/// What breaks for clients of a service in which this was changed.
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
        format!("POST /lines/{{id}}: is not there any more: clients use it. {INSTEAD}")
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
    let said = after(&format!("{operation}/parameters"), required);
    assert!(said.contains("`page` was optional and is required now"), "{said}");
    assert!(said.contains("`size` is new and required"), "{said}");
    assert!(after(&format!("{operation}/parameters"), json!([])).contains("`id` is not taken any more"));
    assert!(
        after(&format!("{operation}/responses"), json!({})).contains("`answer 200` is not there any more")
    );
}

#[test]
fn a_new_required_field_breaks_who_asks_and_not_who_reads() {
    let line = json!({"type": "object", "required": ["sku", "note"],
                      "properties": {"sku": {"type": "string"}, "note": {"type": "string"}}});
    let said = after("/components/schemas/Line", line);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("`note` is new and required: clients don't send it."), "{said}");
}

#[test]
fn answers_may_have_new_limits_and_requests_may_lose_theirs() {
    let line = |limits: Value| json!({"type": "object", "required": ["sku"], "properties": {"sku": limits}});
    let limited = || line(json!({"type": "string", "maxLength": 64}));
    let said = after("/components/schemas/Line", limited());
    assert_eq!(said.lines().count(), 1, "only the request: {said}");
    assert!(said.contains("`sku` has maxLength 64 now and had none"), "{said}");

    let mut committed = service();
    committed["components"]["schemas"]["Line"] = limited();
    let breaks: Vec<String> = breaks(&committed, &service()).iter().map(ToString::to_string).collect();
    assert_eq!(breaks.len(), 1, "only the answer: {breaks:?}");
    assert!(breaks[0].contains("`[].sku` had maxLength 64 and has none now"), "{breaks:?}");
}

#[test]
fn a_null_may_be_described_in_two_ways() {
    let mut committed = service();
    committed["components"]["schemas"]["Line"]["properties"]["sku"]["type"] = json!(["string", "null"]);
    let mut new = service();
    new["components"]["schemas"]["Sku"] = json!({"type": "string"});
    let sku = json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Sku"}]});
    new["components"]["schemas"]["Line"]["properties"]["sku"] = sku;
    assert_eq!(breaks(&committed, &new), []);
    let breaks: Vec<String> = breaks(&service(), &new).iter().map(ToString::to_string).collect();
    assert!(breaks[0].contains("`sku` was string and is null or string now"), "{breaks:?}");
}

#[test]
fn optional_fields_and_other_descriptions_break_no_client() {
    assert_eq!(after("/components/schemas/Line/properties/note", json!({"type": "string"})), "");
    assert_eq!(after("/components/schemas/Line/description", json!("a line")), "");
    assert_eq!(after("/paths/~1more", json!({"get": {}})), "");
    assert_eq!(after("/info", json!({"title": "more"})), "");
}
