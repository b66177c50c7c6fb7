//! What the front door lets in, and what it keeps out.

use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::routing::{any, get};
use futures::{Stream, stream};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::harness::{FrontDoor, Instances, TIMEOUT};

/// Something in the place of every service: it says which headers it got, and has a stream.
async fn anything() -> (Instances, watch::Sender<u32>) {
    let (sender, receiver) = watch::channel(0);
    let live = move || async move { Sse::new(numbers(receiver.clone())) };
    let router = Router::new()
        .route("/live", get(live))
        .fallback(any(async |headers: HeaderMap| format!("{headers:?}")));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let services = ["cart", "catalog", "inventory", "recommend", "notify", "analytics", "web"];
    (services.map(|service| (service, vec![address])).into(), sender)
}

fn numbers(receiver: watch::Receiver<u32>) -> impl Stream<Item = Result<Event, std::io::Error>> {
    let next = |mut receiver: watch::Receiver<u32>| async move {
        receiver.changed().await.ok()?;
        let number = *receiver.borrow_and_update();
        Some((Ok(Event::default().data(number.to_string())), receiver))
    };
    stream::unfold(receiver, next)
}

async fn problem(answer: reqwest::Response) -> (StatusCode, String) {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let status = answer.status();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    (status, problem["type"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn what_is_for_operators_stays_inside_and_all_else_has_its_headers() {
    let (instances, _) = anything().await;
    let Some(door) = FrontDoor::before(&instances, &[]).await else { return };
    let inside = [
        "/metrics",
        "/health/ready",
        "/health/live",
        "/cart/health/ready",
        "/parked",
        "/cart/parked",
        "/parked/1/retry",
        "/timers",
        "/notify/timers",
        "/audit",
        "/inventory/audit",
        "/mailbox",
        "/cart/dead-letters",
        "/analytics/parked",
        "/analytics/dead-letters",
        "/analytics/health/details",
        "/analytics/audit",
        "/mailbox/api/mails",
        "/api/overview",
        "//metrics",
        "/%6detrics",
        "/cartsx",
        "/shop.bak",
        "/../metrics",
    ];
    for path in inside {
        let answer = reqwest::get(format!("{}{path}", door.url)).await.unwrap();
        let nosniff = answer.headers()["x-content-type-options"].clone();
        assert_eq!(problem(answer).await, (StatusCode::NOT_FOUND, "/problems/unknown-path".into()), "{path}");
        assert_eq!(nosniff, "nosniff");
    }
    let client = Client::new();
    for path in [
        "/",
        "/shop",
        "/console/flow",
        "/assets/web.css",
        "/carts",
        "/products/A",
        "/stock",
        "/stock.csv",
        "/cart/openapi.json",
        "/up",
    ] {
        let answer = client
            .get(format!("{}{path}", door.url))
            .header("x-forwarded-for", "203.0.113.7")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(
            headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"),
            "{path}"
        );
        let seen = answer.text().await.unwrap();
        assert!(!seen.contains("203.0.113.7"), "who the client is says the front door: {seen}");
        assert!(path == "/up" || seen.contains(r#""x-forwarded-for": "127.0.0.1""#), "{seen}");
    }
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_held_off_and_no_other() {
    let (instances, _) = anything().await;
    let settings = [("FRONT_DOOR_REQUESTS_PER_MINUTE", "20"), ("FRONT_DOOR_CONNECTIONS_PER_CLIENT", "5")];
    let Some(door) = FrontDoor::before(&instances, &settings).await else { return };
    let client = Client::new();
    let url = format!("{}/shop", door.url);
    for left in (0..20).rev() {
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["ratelimit"], format!("\"requests\";r={left};t=60"));
        assert_eq!(answer.headers()["ratelimit-policy"], "\"requests\";q=20;w=60");
    }
    let refused = client.get(&url).send().await.unwrap();
    assert_eq!(
        (&refused.headers()["ratelimit"], &refused.headers()["retry-after"]),
        (&"\"requests\";r=0;t=60".parse().unwrap(), &"10".parse().unwrap())
    );
    assert_eq!(problem(refused).await, (StatusCode::TOO_MANY_REQUESTS, "/problems/too-many-requests".into()));

    let other = Client::builder().local_address("127.0.0.2".parse().ok()).build().unwrap();
    assert_eq!(other.get(&url).send().await.unwrap().status(), StatusCode::OK);

    // Connections without any request count as well.
    let address = door.url.trim_start_matches("http://");
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(TcpStream::connect(address).await);
    }
    // Those that are too many end at once, or before they have begun.
    let ended = open.iter_mut().map(async |stream| match stream {
        Ok(stream) => tokio::time::timeout(Duration::from_secs(1), stream.read(&mut [0])).await.is_ok(),
        Err(_) => true,
    });
    let ended = futures::future::join_all(ended).await.into_iter().filter(|ended| *ended).count();
    assert!((3..8).contains(&ended), "{ended} of 8 connections were ended");
    assert_eq!(other.get(&url).send().await.unwrap().status(), StatusCode::OK);
}

/// Behind a proxy, a client is who the proxy says; who comes another way says nothing.
#[tokio::test]
async fn a_proxy_that_is_named_says_who_the_client_is_and_nobody_else_does() {
    let (instances, _) = anything().await;
    let settings = [
        ("FRONT_DOOR_PROXIES", "127.0.0.1 127.0.0.9/32"),
        ("FRONT_DOOR_REQUESTS_PER_MINUTE", "3"),
        ("FRONT_DOOR_CONNECTIONS_PER_CLIENT", "1"),
    ];
    let Some(door) = FrontDoor::before(&instances, &settings).await else { return };
    let proxy = Client::builder().local_address("127.0.0.1".parse().ok()).build().unwrap();
    let other = Client::builder().local_address("127.0.0.2".parse().ok()).build().unwrap();
    let ask = async |through: &Client, client: &str| {
        let request = through.get(format!("{}/shop", door.url)).header("x-forwarded-for", client);
        let answer = request.header("x-forwarded-proto", "https").send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    for _ in 0..3 {
        let (status, seen) = ask(&proxy, "198.51.100.1, 203.0.113.7").await;
        assert_eq!(status, StatusCode::OK);
        assert!(seen.contains(r#""x-forwarded-for": "203.0.113.7""#), "{seen}");
        assert!(seen.contains(r#""x-forwarded-proto": "https""#), "{seen}");
    }
    assert_eq!(ask(&proxy, "203.0.113.7").await.0, StatusCode::TOO_MANY_REQUESTS);
    // Through the same connection.
    assert_eq!(ask(&proxy, "203.0.113.8").await.0, StatusCode::OK);
    let more = futures::future::join_all(
        (0..5).map(|client| ask(&proxy, ["2001:db8::1", "2001:db9::1"][client % 2])),
    )
    .await;
    assert!(more.iter().all(|(status, _)| *status == StatusCode::OK), "{more:?}");

    let (status, seen) = ask(&other, "203.0.113.8").await;
    assert_eq!(status, StatusCode::OK);
    assert!(seen.contains(r#""x-forwarded-for": "127.0.0.2""#), "{seen}");
    assert!(seen.contains(r#""x-forwarded-proto": "http""#), "{seen}");
}

#[tokio::test]
async fn a_request_that_does_not_arrive_is_given_up() {
    let (instances, _) = anything().await;
    let Some(door) = FrontDoor::before(&instances, &[("FRONT_DOOR_REQUEST_SECONDS", "1")]).await else {
        return;
    };
    let answer_to = async |part: &str| {
        let mut stream = TcpStream::connect(door.url.trim_start_matches("http://")).await.unwrap();
        stream.write_all(part.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(TIMEOUT, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        answer
    };
    answer_to("GET /shop HTTP/1.1\r\nHost: shop").await;
    let answer = answer_to("POST /carts HTTP/1.1\r\nHost: shop\r\nContent-Length: 20\r\n\r\n{\"half\"").await;
    assert!(answer.contains("/problems/slow-body"), "{answer}");
}

#[tokio::test]
async fn a_stream_of_events_passes_event_by_event() {
    let (instances, sender) = anything().await;
    let Some(door) = FrontDoor::before(&instances, &[]).await else { return };
    let mut answer = Client::new().get(format!("{}/live", door.url)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    for number in 1..=3 {
        sender.send(number).unwrap();
        let event = tokio::time::timeout(TIMEOUT, answer.chunk()).await.unwrap().unwrap().unwrap();
        assert_eq!(event, format!("data: {number}\n\n"));
    }
}
