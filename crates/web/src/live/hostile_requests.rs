//! Whatever is sent to `/live`: it is refused in words or followed, and nobody gets to follow somebody else's cart.

use std::convert::Infallible;

use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use crate::tests::{pages, pages_before};

const OWN_CART: Uuid = Uuid::from_u128(0x0190_b6d5_3f6b_7c3e_8d2a_5b1c_9e7f_4a10);
const OWN_TOKEN: &str = "the-token-of-this-cart";

/// What people type, and what programs that mean ill send.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[A-Za-z0-9_-]{0,120}",
        "-?[0-9]{1,20}-[0-9]{1,21}",
        Just(format!("{}-{}", i64::MIN, usize::MAX)),
        Just(format!("{}-{}", i64::MAX, usize::MAX)),
        Just("LANTERN".to_owned()),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let name = prop_oneof![4 => Just("sku"), 2 => Just("since"), 1 => Just("ticket"), 1 => Just("other")];
    let pairs = prop::collection::vec((name, text()), 0..6);
    let encoded = pairs.prop_map(|pairs| Serializer::new(String::new()).extend_pairs(pairs).finish());
    let fits = |query: &String| format!("/live?{query}").parse::<Uri>().is_ok();
    prop_oneof![3 => encoded, 1 => "[!-\"$-~]{0,60}".prop_filter("HTTP takes it", fits)]
}

fn header() -> impl Strategy<Value = Vec<u8>> {
    let anything = prop::collection::vec(prop_oneof![32_u8..127, 128_u8..=255, Just(b'\t')], 0..80);
    prop_oneof![text().prop_map(String::into_bytes), anything]
        .prop_filter("HTTP takes it", |bytes| HeaderValue::from_bytes(bytes).is_ok())
}

async fn send(pages: &Router, request: Request<Body>) -> Response {
    let answer: Result<Response, Infallible> = pages.clone().oneshot(request).await;
    answer.unwrap()
}

/// A refusal that says what is wrong.
async fn problem(answer: Response) -> Value {
    assert!(answer.status().is_client_error(), "{}", answer.status());
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    serde_json::from_slice(&to_bytes(answer.into_body(), usize::MAX).await.unwrap()).unwrap()
}

/// A cart service with one cart.
async fn cart_service() -> String {
    let show = async |Path(id): Path<Uuid>, headers: HeaderMap| {
        let is_own = id == OWN_CART && headers["authorization"] == format!("Bearer {OWN_TOKEN}");
        if is_own { Json(json!({"id": id})).into_response() } else { StatusCode::NOT_FOUND.into_response() }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/carts/{id}", get(show));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn ask_for_ticket(authorization: &[u8], body: &str) -> Request<Body> {
    Request::post("/live/tickets")
        .header("content-type", "application/json")
        .header("authorization", authorization)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[test]
fn whatever_an_address_and_a_last_id_say_only_products_are_followed_without_a_ticket() {
    let runtime = Runtime::new().unwrap();
    let pages = runtime.block_on(async { pages() });
    proptest!(|(query in query(), last in prop::option::of(header()))| {
        let mut request = Request::get(format!("/live?{query}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        runtime.block_on(async {
            let answer = send(&pages, request.body(Body::empty()).unwrap()).await;
            if answer.status() == StatusCode::OK {
                assert!(!query.contains("ticket="), "a ticket that nobody gave opens a stream: {query}");
                assert_eq!(answer.headers()["content-type"], "text/event-stream");
            } else {
                problem(answer).await;
            }
        });
    });
}

#[test]
fn whatever_is_sent_with_a_request_for_a_ticket_only_the_carts_own_token_gets_one() {
    let runtime = Runtime::new().unwrap();
    let pages = runtime.block_on(async { pages_before(&cart_service().await) });
    let cart = prop_oneof![
        Just(OWN_CART.to_string()),
        text(),
        any::<u128>().prop_map(|id| Uuid::from_u128(id).to_string())
    ];
    let authorization = prop_oneof![
        Just(format!("Bearer {OWN_TOKEN}").into_bytes()),
        header(),
        header().prop_map(|token| [b"Bearer ".as_slice(), &token].concat()),
    ];
    let body = prop_oneof![
        4 => cart.prop_map(|cart| json!({"cart_id": cart}).to_string()),
        1 => any::<String>(),
        1 => text().prop_map(|name| json!({name: 1}).to_string()),
    ];
    proptest!(|(authorization in authorization, body in body)| {
        runtime.block_on(async {
            let answer = send(&pages, ask_for_ticket(&authorization, &body)).await;
            if answer.status() == StatusCode::OK {
                assert!(body.contains(&OWN_CART.to_string()), "a ticket for somebody else's cart: {body}");
                assert_eq!(authorization, format!("Bearer {OWN_TOKEN}").into_bytes());
            } else {
                problem(answer).await;
            }
        });
    });
}

#[test]
fn a_ticket_of_which_anything_was_changed_opens_nothing() {
    let runtime = Runtime::new().unwrap();
    let (pages, ticket) = runtime.block_on(async {
        let pages = pages_before(&cart_service().await);
        let authorization = format!("Bearer {OWN_TOKEN}");
        let body = json!({"cart_id": OWN_CART}).to_string();
        let answer = send(&pages, ask_for_ticket(authorization.as_bytes(), &body)).await;
        let answer = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        (pages, answer["ticket"].as_str().unwrap().to_owned())
    });
    let open = async |ticket: &str| {
        let query = Serializer::new(String::new()).append_pair("ticket", ticket).finish();
        send(&pages, Request::get(format!("/live?{query}")).body(Body::empty()).unwrap()).await
    };
    assert_eq!(runtime.block_on(open(&ticket)).status(), StatusCode::OK);
    proptest!(|(at in 0..ticket.len(), until in 0..ticket.len(), between in "[A-Za-z0-9_=-]{0,4}")| {
        let changed = format!("{}{between}{}", &ticket[..at], &ticket[until..]);
        prop_assume!(changed != ticket);
        runtime.block_on(async {
            assert_eq!(problem(open(&changed).await).await["type"], "/problems/bad-ticket");
        });
    });
}
