//! Derived from the services' descriptions: every text of every request has limits, and what breaks them is refused by
//! name before it gets to a database.

use events::PARTICIPANTS;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{Route, TestShop, place};

/// No name, no SKU and no key has these.
const INVISIBLE: [&str; 4] = ["a\0b", "\u{1}", "a\u{7f}", "a\u{85}b"];

#[tokio::test]
async fn every_text_in_a_body_has_limits_and_what_breaks_them_is_refused_by_name() {
    let shop = TestShop::with_all().await;
    let cart = shop.storefront().open(None).await;
    let mut texts = 0;
    for service in PARTICIPANTS.map(|participant| participant.service) {
        let description = shop.description(service).await;
        for route in description.routes() {
            for (pointer, schema) in route.strings_in_body() {
                texts += 1;
                let request = || route.request(&shop, &cart, "").header(CONTENT_TYPE, "application/json");
                let mut hostile: Vec<Value> = INVISIBLE.map(Value::from).into();
                hostile.extend([json!(too_long(&route, schema)), json!("e\u{301}"), json!("")]);
                for value in hostile {
                    let may_pass = fits(schema, value.as_str().unwrap());
                    let mut body = route.body().unwrap();
                    *body.pointer_mut(&pointer).unwrap() = value;
                    let answer = request().body(body.to_string()).send().await.unwrap();
                    refused(answer, &place(&pointer), may_pass).await;
                }
                let mut body = route.body().unwrap();
                *body.pointer_mut(&pointer).unwrap() = json!("half");
                let half_of_a_pair = body.to_string().replace("\"half\"", "\"\\ud800\"");
                refused(request().body(half_of_a_pair).send().await.unwrap(), &place(&pointer), false).await;
            }
        }
    }
    assert!(texts >= 12, "{texts}");
    assert_eq!(shop.storefront().get(&cart).await["version"], 0);
    shop.end().await;
}

#[tokio::test]
async fn every_text_in_a_path_a_query_or_a_header_has_limits_and_what_breaks_them_is_refused_by_name() {
    let shop = TestShop::with_all().await;
    let cart = shop.storefront().open(None).await;
    let mut texts = 0;
    for service in PARTICIPANTS.map(|participant| participant.service) {
        let description = shop.description(service).await;
        for route in description.routes() {
            for (of, name, schema) in route.string_parameters() {
                texts += 1;
                let long = too_long(&route, schema);
                let with_body = |request: RequestBuilder| match route.body() {
                    Some(body) => request.json(&body),
                    None => request,
                };
                // What a server doesn't understand of these is ignored, or matches nothing, as HTTP wants it.
                if ["Prefer", "If-Match", "If-None-Match"].contains(&name) {
                    continue;
                }
                // There, the other cart's token is looked at first.
                if of == "header" && route.path.ends_with("/merge") {
                    continue;
                }
                if of == "header" {
                    for value in [long.as_bytes(), b"", b"a\tb", b"\xff"] {
                        let value = HeaderValue::from_bytes(value).unwrap();
                        let request = with_body(route.request(&shop, &cart, "").header(name, value));
                        refused(request.send().await.unwrap(), name, false).await;
                    }
                    continue;
                }
                for value in ["a%00b", "%01", "%7F", "%C2%85", "e%CC%81", "%ED%A0%80", "%FF", &long, ""] {
                    let path = match of {
                        "path" if value.is_empty() => continue,
                        // One searches in whatever form of Unicode one writes.
                        "query" if (route.path, name, value) == ("/products/search", "q", "e%CC%81") => {
                            continue;
                        }
                        "path" => route.path.replace(&format!("{{{name}}}"), value),
                        _ => format!("{}?{name}={value}", route.path),
                    };
                    let may_pass = value.is_empty() && fits(schema, value);
                    let request = with_body(route.request_to(&shop, &cart, &path));
                    refused(request.send().await.unwrap(), name, may_pass).await;
                }
            }
        }
    }
    assert!(texts >= 25, "{texts}");
    assert_eq!(shop.storefront().get(&cart).await["version"], 0);
    shop.end().await;
}

/// Whether only texts of a certain form are taken.
fn has_a_form(schema: &Value) -> bool {
    matches!(schema["format"].as_str(), Some("uuid" | "date-time")) || schema["enum"].is_array()
}

/// One character more than the description allows. A text without limits has no place in a request.
fn too_long(route: &Route<'_>, schema: &Value) -> String {
    if has_a_form(schema) {
        return "x".repeat(1000);
    }
    let what = format!("{} {}: {schema}", route.method, route.path);
    assert!(schema["pattern"].is_string(), "{what} has no pattern");
    let longest = schema["maxLength"].as_u64().unwrap_or_else(|| panic!("{what} has no maxLength"));
    "x".repeat(usize::try_from(longest).unwrap() + 1)
}

/// Of the hostile ones only nothing at all may be welcome.
fn fits(schema: &Value, text: &str) -> bool {
    let limited = has_a_form(schema);
    text.is_empty() && !limited && schema["minLength"].as_u64().unwrap_or(0) == 0
}

async fn refused(answer: Response, field: &str, may_pass: bool) {
    let (url, status) = (answer.url().clone(), answer.status());
    if may_pass {
        assert!(!status.is_server_error(), "{url} {field}: {status}");
        return;
    }
    let body = answer.text().await.unwrap();
    assert!(status.is_client_error(), "{url} {field}: {status} {body}");
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["field"], field, "{url}: {problem}");
    assert!(problem["detail"].as_str().unwrap().contains(field) || field == "Idempotency-Key", "{problem}");
}
