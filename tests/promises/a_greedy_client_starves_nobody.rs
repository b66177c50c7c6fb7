//! One client that opens streams, asks for tickets and connects as often as it can is refused, and told so; others are served.

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use testkit::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::Child;
use uuid::Uuid;

use crate::harness::{Everything, TIMEOUT, administration, own_namespace};

const STORMING: &str = "203.0.113.7";
const OTHER: &str = "203.0.113.8";

/// `cartwheel up` behind a proxy on this machine, as which the test speaks.
async fn start(everything: &Everything<'_>) -> Child {
    let mut command = everything.command();
    command.envs([
        ("CARTWHEEL_LIMITS", "everybody"),
        ("CARTWHEEL_TRUSTED_PROXIES", "127.0.0.1"),
        ("CARTWHEEL_LIMIT_CONNECTIONS", "5"),
        ("CARTWHEEL_LIMIT_WRONG_CART_TOKENS", "5"),
        ("CARTWHEEL_LIVE_STREAMS", "8"),
    ]);
    let process = command.spawn().unwrap();
    servers::ready::until_success(&format!("{}/cart/health/ready", everything.url()), TIMEOUT).await.unwrap();
    process
}

async fn stream(everything: &Everything<'_>, client: &str) -> Response {
    let request = Client::new().get(format!("{}/live?sku=LANTERN", everything.url()));
    request.header("x-forwarded-for", client).send().await.unwrap()
}

async fn ticket(everything: &Everything<'_>, client: &str) -> Response {
    let request = Client::new().post(format!("{}/live/tickets", everything.url()));
    let request = request.bearer_auth("guessed").json(&json!({"cart_id": Uuid::new_v4()}));
    request.header("x-forwarded-for", client).send().await.unwrap()
}

async fn problem(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.unwrap();
    (status, problem["type"].as_str().unwrap().to_owned())
}

fn refused(status: u16, name: &str) -> (u16, String) {
    (status, format!("/problems/{name}"))
}

async fn opens_a_page(everything: &Everything<'_>, client: &str) -> bool {
    let page = Client::new().get(format!("{}/shop/cart", everything.url()));
    page.header("x-forwarded-for", client).send().await.unwrap().status() == StatusCode::OK
}

#[tokio::test]
async fn streams_beyond_the_limits_are_refused_and_come_back_once_others_end() {
    let (home, namespace) = (tempfile::tempdir().unwrap(), own_namespace());
    let everything = Everything::new(administration().await, home.path(), &namespace);
    let _process = start(&everything).await;
    let mut storm = Vec::new();
    for _ in 0..5 {
        storm.push(stream(&everything, STORMING).await);
    }
    assert!(storm.iter().all(|stream| stream.status() == StatusCode::OK));
    for _ in 0..20 {
        let too_many = problem(stream(&everything, STORMING).await).await;
        assert_eq!(too_many, refused(429, "too-many-streams-of-client"));
    }
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(stream(&everything, OTHER).await);
    }
    assert!(others.iter().all(|stream| stream.status() == StatusCode::OK), "others still follow");
    // Now the instance has as many as it takes: pages are still served.
    let full = problem(stream(&everything, "203.0.113.9").await).await;
    assert_eq!(full, refused(503, "too-many-streams"));
    assert!(opens_a_page(&everything, OTHER).await && opens_a_page(&everything, STORMING).await);
    storm.clear();
    eventually("there is room again", TIMEOUT, async || {
        (stream(&everything, STORMING).await.status() == StatusCode::OK).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_guesses_tokens_for_tickets_gets_no_more_answers_and_others_do() {
    let (home, namespace) = (tempfile::tempdir().unwrap(), own_namespace());
    let everything = Everything::new(administration().await, home.path(), &namespace);
    let _process = start(&everything).await;
    assert_eq!(problem(ticket(&everything, STORMING).await).await, refused(404, "unknown-cart"));
    // The pages count as well as the cart service: here, one process does both.
    let mut guesses = 1;
    while problem(ticket(&everything, STORMING).await).await == refused(404, "unknown-cart") {
        guesses += 1;
        assert!(guesses <= 5);
    }
    assert_eq!(problem(ticket(&everything, STORMING).await).await, refused(429, "too-many-requests"));
    assert_eq!(problem(ticket(&everything, OTHER).await).await, refused(404, "unknown-cart"));
}

/// A connection from an address of this machine over which a page was answered; none if it was closed.
async fn connection(everything: &Everything<'_>, from: &str) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut connection = socket.connect(everything.address).await.ok()?;
    connection.write_all(b"GET /shop/cart HTTP/1.1\r\nHost: shop\r\n\r\n").await.ok()?;
    let read = tokio::time::timeout(TIMEOUT, connection.read(&mut [0; 100])).await.unwrap();
    (read.ok()? > 0).then_some(connection)
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_others_are_served() {
    let (home, namespace) = (tempfile::tempdir().unwrap(), own_namespace());
    let everything = Everything::new(administration().await, home.path(), &namespace);
    let _process = start(&everything).await;
    let mut storm = Vec::new();
    for _ in 0..40 {
        storm.extend(connection(&everything, "127.0.0.2").await);
    }
    assert_eq!(storm.len(), 5, "no more than one client may have");
    assert!(connection(&everything, "127.0.0.3").await.is_some());
    drop(storm);
    eventually("it may connect again", TIMEOUT, async || connection(&everything, "127.0.0.2").await).await;
}
