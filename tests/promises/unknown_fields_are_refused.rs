use events::PARTICIPANTS;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::harness::{TestShop, place};

const UNKNOWN: &str = "unheard-of";
/// What has names of the shop's own instead of fields.
const MAPS: [&str; 4] = ["attributes", "fields", "options", "translations"];

/// A request body that must be refused, and what the answer must say.
struct Wrong {
    body: Value,
    expected: String,
}

#[tokio::test]
async fn every_route_refuses_an_unknown_field_and_a_wrong_shape_and_says_where_it_stands() {
    let shop = TestShop::with_all().await;
    let cart = shop.storefront().open(None).await;
    let mut routes_with_a_body = 0;
    for service in PARTICIPANTS.map(|participant| participant.service) {
        let description = shop.description(service).await;
        for route in description.routes() {
            let Some(body) = route.body() else { continue };
            routes_with_a_body += 1;
            for Wrong { body, expected } in wrong(&body) {
                let answer = route.request(&shop, &cart, "").json(&body).send().await.unwrap();
                refused(answer, 422, "unfitting-body", &expected, &format!("{} {body}", route.path)).await;
            }
        }
    }
    assert!(routes_with_a_body >= 8, "{routes_with_a_body}");
    assert_eq!(shop.storefront().get(&cart).await["version"], 0);
    shop.end().await;
}

#[tokio::test]
async fn every_route_refuses_an_unknown_query_parameter_by_name() {
    let shop = TestShop::with_all().await;
    let cart = shop.storefront().open(None).await;
    let mut routes_with_a_query = 0;
    for service in PARTICIPANTS.map(|participant| participant.service) {
        let description = shop.description(service).await;
        for route in description.routes() {
            let parameters = route.operation["parameters"].as_array().into_iter().flatten();
            if parameters.into_iter().all(|parameter| parameter["in"] != "query") {
                continue;
            }
            routes_with_a_query += 1;
            let answer = route.request(&shop, &cart, &format!("?{UNKNOWN}=1")).send().await.unwrap();
            refused(answer, 400, "unfitting-query", &format!("at '{UNKNOWN}': unknown field"), route.path)
                .await;
        }
    }
    assert!(routes_with_a_query >= 10, "{routes_with_a_query}");
    shop.end().await;
}

/// A misspelt field must not silently open a cart without its shopper.
#[tokio::test]
async fn a_misspelt_shopper_opens_no_cart() {
    let shop = TestShop::with(&["cart"]).await;
    let carts = format!("{}/carts", shop.url("cart"));
    for body in
        [json!({"shoper": {"email": "a@example.test"}}), json!({"shopper": {"emial": "a@example.test"}})]
    {
        let answer = Client::new().post(&carts).json(&body).send().await.unwrap();
        let place = if body["shoper"].is_null() { "'shopper.emial'" } else { "'shoper'" };
        refused(answer, 422, "unfitting-body", place, "POST /carts").await;
    }
    let no_type = Client::new().post(&carts).body("{}").send().await.unwrap();
    refused(no_type, 415, "wrong-content-type", "application/json", "POST /carts").await;
    assert_eq!(Client::new().post(&carts).send().await.unwrap().status(), 201);
    shop.end().await;
}

async fn refused(answer: Response, status: u16, problem: &str, expected: &str, request: &str) {
    let status_is = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(status_is, status, "{request}: {body}");
    assert_eq!(body["type"], format!("/problems/{problem}"), "{request}");
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains(expected), "{request}: {detail}");
}

/// Each object in the body, at any depth, once with an unknown field and once as a list.
fn wrong(body: &Value) -> Vec<Wrong> {
    let mut wrongs = Vec::new();
    let is_map = |pointer: &String| pointer.rsplit('/').next().is_some_and(|name| MAPS.contains(&name));
    for pointer in objects(body, String::new()).into_iter().filter(|pointer| !is_map(pointer)) {
        let place = place(&pointer);
        let mut unknown = body.clone();
        unknown.pointer_mut(&pointer).unwrap()[UNKNOWN] = json!(1);
        let dot = if place.is_empty() { "" } else { "." };
        let expected = format!("at '{place}{dot}{UNKNOWN}': unknown field");
        wrongs.push(Wrong { body: unknown, expected });

        let mut list = body.clone();
        let object = list.pointer_mut(&pointer).unwrap();
        *object = object.as_object().unwrap().values().cloned().collect();
        let at = if place.is_empty() { String::new() } else { format!(" at '{place}'") };
        wrongs.push(Wrong {
            body: list,
            expected: format!("fit{at}: invalid type: sequence, expected an object"),
        });
    }
    wrongs
}

/// JSON pointers to all objects.
fn objects(value: &Value, pointer: String) -> Vec<String> {
    let inner: Vec<String> = match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| objects(value, format!("{pointer}/{name}"))).collect()
        }
        Value::Array(elements) => {
            let elements = elements.iter().enumerate();
            elements.flat_map(|(index, value)| objects(value, format!("{pointer}/{index}"))).collect()
        }
        _ => Vec::new(),
    };
    if value.is_object() { [vec![pointer], inner].concat() } else { inner }
}
