use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use tower::ServiceExt;

use crate::tests::pages;

const PAGES: [&str; 14] = [
    "/console/flow",
    "/console/flow/now",
    "/console/numbers",
    "/console/numbers/now?range=week",
    "/console/events?type=cart.item-added.v1",
    "/console/events/9f3c0a66-2a55-4a0e-8a55-6d2f0c1b7e11",
    "/console/parked",
    "/console/parked/cart/1",
    "/console/dead/cart/5d6f0c3a91b2e784",
    "/console/carts",
    "/console/stock",
    "/console/mails",
    "/console/audit",
    "/console/sign-out",
];

async fn send(request: axum::http::request::Builder, body: &str) -> Response {
    pages().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
}

async fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Response {
    let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)), body).await
}

fn cookie(headers: &HeaderMap) -> String {
    headers[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

/// A session's cookie, and what its forms hold.
async fn signed_in() -> (String, String) {
    let answer = post("/console/sign-in", &[], "name=Ada&key=key&to=/console/parked").await;
    assert_eq!(
        (answer.status(), &answer.headers()[LOCATION]),
        (StatusCode::SEE_OTHER, &"/console/parked".parse().unwrap())
    );
    let cookie = cookie(answer.headers());
    let page = text(send(Request::get("/console/sign-out").header(COOKIE, &cookie), "").await).await;
    let (_, token) = page.split_once("name=\"form_token\" value=\"").unwrap();
    (cookie, token.split('"').next().unwrap().to_owned())
}

#[tokio::test]
async fn who_has_not_signed_in_is_led_to_do_so_and_changes_nothing() {
    for path in PAGES {
        let answer = send(Request::get(path), "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        let to = answer.headers()[LOCATION].to_str().unwrap().to_owned();
        assert!(to.starts_with("/console/sign-in?to=/console"), "{path}: {to}");
        let answer = send(Request::get(path).header(COOKIE, "cartwheel_console=forged.forged"), "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
    }
    for path in [
        "/console/stock/free",
        "/console/mails",
        "/console/parked/cart/1/discard",
        "/console/dead/cart/all/discard",
        "/console/sign-out",
    ] {
        assert_eq!(post(path, &[], "reason=none").await.status(), StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_key_and_a_missing_name_open_nothing() {
    for (body, status) in [
        ("name=Ada&key=wrong", StatusCode::UNAUTHORIZED),
        ("name=Ada", StatusCode::UNAUTHORIZED),
        ("name=+&key=key", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = post("/console/sign-in", &[], body).await;
        assert_eq!((answer.status(), answer.headers().get(SET_COOKIE)), (status, None), "{body}");
    }
    let elsewhere = [("host", "shop.example"), ("origin", "http://evil.example")];
    assert_eq!(
        post("/console/sign-in", &elsewhere, "name=Ada&key=key").await.status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_form_that_another_site_sends_is_refused() {
    let (session, token) = signed_in().await;
    let forged =
        |token: &str| format!("sku=A&cart=9f3c0a66-2a55-4a0e-8a55-6d2f0c1b7e11&reason=x&form_token={token}");
    let cookie = ("cookie", session.as_str());
    for token in ["", "none", "AAAA"] {
        assert_eq!(
            post("/console/stock/free", &[cookie], &forged(token)).await.status(),
            StatusCode::FORBIDDEN,
            "{token}"
        );
    }
    let elsewhere = [cookie, ("host", "shop.example"), ("origin", "http://evil.example")];
    assert_eq!(
        post("/console/stock/free", &elsewhere, &forged(&token)).await.status(),
        StatusCode::FORBIDDEN
    );
    // From here it is taken; the service, which isn't there, is asked.
    let here = [cookie, ("host", "shop.example"), ("origin", "http://shop.example")];
    let answer = text(post("/console/stock/free", &here, &forged(&token)).await).await;
    assert!(answer.contains("inventory does not answer"), "{answer}");
    let unreadable = format!("sku=A&form_token={token}");
    assert_eq!(
        post("/console/stock/free", &[cookie], &unreadable).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn pages_open_also_when_no_service_answers_and_signing_out_ends_the_session() {
    let (session, token) = signed_in().await;
    for path in PAGES {
        let answer = send(Request::get(path).header(COOKIE, &session), "").await;
        // Of this one, a page keeps what it had.
        let is_kept = path.starts_with("/console/numbers/now");
        let expected = if is_kept { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        assert_eq!(answer.status(), expected, "{path}");
    }
    let console = pages();
    let ask = async |request: axum::http::request::Builder, body: &str| {
        let request = request.header(COOKIE, &session).body(Body::from(body.to_owned())).unwrap();
        console.clone().oneshot(request).await.unwrap()
    };
    let token = format!("form_token={token}");
    let sign_out =
        Request::post("/console/sign-out").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(cookie(ask(sign_out, &token).await.headers()), "cartwheel_console=");
    let copy = ask(Request::get("/console/stock"), "").await;
    assert_eq!(copy.status(), StatusCode::SEE_OTHER, "a copy of its cookie opens nothing");
}
