use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::harness::{Cart, Everything, Running, TIMEOUT, TestShop, administration, own_namespace};

/// Connections on which half of a request's headers was sent.
async fn half_sent(url: &str, number: usize) -> Vec<TcpStream> {
    let address: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
    let mut connections = Vec::new();
    for _ in 0..number {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(b"GET /products HTTP/1.1\r\nHost: half").await.unwrap();
        connections.push(connection);
    }
    connections
}

/// What a client reads until the other side closes the connection.
async fn rest(mut connection: TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end, too.
    let _ = tokio::time::timeout(TIMEOUT, connection.read_to_end(&mut all)).await.expect("it is closed");
    String::from_utf8(all).unwrap()
}

#[tokio::test]
async fn half_sent_headers_end_and_others_are_served_although_all_connections_were_taken() {
    let shop = TestShop::with(&["catalog"]).await;
    let flags = ["--http-connections", "20", "--http-header-seconds", "2"];
    let catalog = Running::start_with(&shop.shop, "catalog", &flags).await;
    let connections = half_sent(&catalog.url, 60).await;
    let answer = Client::new().get(format!("{}/products", catalog.url)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    for connection in connections {
        assert_eq!(rest(connection).await, "");
    }
    catalog.stop().await;
    shop.end().await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_gets_a_problem() {
    let shop = TestShop::with(&[]).await;
    let cart = Running::start_with(&shop.shop, "cart", &["--http-body-seconds", "1"]).await;
    let mut connection = TcpStream::connect(cart.url.trim_start_matches("http://")).await.unwrap();
    let half = "POST /carts HTTP/1.1\r\nHost: half\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    connection.write_all(half.as_bytes()).await.unwrap();
    let answer = rest(connection).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(
        answer.contains("application/problem+json") && answer.contains("/problems/slow-body"),
        "{answer}"
    );
    cart.stop().await;
    shop.end().await;
}

#[tokio::test]
async fn who_does_not_read_its_answers_is_left() {
    let shop = TestShop::with(&[]).await;
    let catalog = Running::start_with(
        &shop.shop,
        "catalog",
        &["--http-connections", "1", "--http-request-seconds", "1"],
    )
    .await;
    let mut connection = TcpStream::connect(catalog.url.trim_start_matches("http://")).await.unwrap();
    // Far more than fits into the buffers of both sides.
    let (request, number) = ("GET /openapi.json HTTP/1.1\r\nHost: test\r\n\r\n", 1000);
    connection.write_all(request.repeat(number).as_bytes()).await.unwrap();
    // There is one place for a connection: this one gets it when the other is closed.
    let others = Client::new().get(format!("{}/products", catalog.url)).send().await.unwrap();
    assert_eq!(others.status(), StatusCode::OK);
    let answers = rest(connection).await.matches("HTTP/1.1 200").count();
    assert!(answers < number, "{answers}");
    catalog.stop().await;
    shop.end().await;
}

/// Holds what every change of a cart needs, so that requests wait.
async fn lock_carts(pool: &PgPool) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE carts IN EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    lock
}

async fn waiting_addition(cart_url: &str, opened: &Cart) -> (StatusCode, Value) {
    let url = format!("{cart_url}/carts/{}/items", opened.id);
    let item = json!({"sku": "LANTERN", "quantity": 1});
    let answer = Client::new().post(url).bearer_auth(&opened.token).json(&item).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_request_that_takes_too_long_gets_a_problem() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    shop.sell(&["LANTERN"]).await;
    let opened = shop.storefront().open(None).await;
    let cart = Running::start_with(&shop.shop, "cart", &["--http-request-seconds", "1"]).await;
    let lock = lock_carts(&shop.database("cart").await).await;
    let (status, problem) = waiting_addition(&cart.url, &opened).await;
    assert_eq!((status.as_u16(), &problem["type"]), (503, &json!("/problems/unavailable")));
    lock.rollback().await.unwrap();
    cart.stop().await;
    shop.end().await;
}

#[tokio::test]
async fn a_stop_waits_neither_for_half_sent_headers_nor_for_requests_that_hang_and_these_get_a_problem() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    shop.sell(&["LANTERN"]).await;
    let opened = shop.storefront().open(None).await;
    let cart = Running::start_with(&shop.shop, "cart", &["--stop-seconds", "8"]).await;
    let lock = lock_carts(&shop.database("cart").await).await;
    let idle = half_sent(&cart.url, 20).await;
    let url = cart.url.clone();
    let addition = tokio::spawn(async move { waiting_addition(&url, &opened).await });
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'carts'::regclass";
    shop.until("cart", waits, 1).await;
    cart.begin_stop();
    for connection in idle {
        assert_eq!(rest(connection).await, "");
    }
    assert!(!addition.is_finished(), "what is under way has longer than what is idle");
    let (status, problem) = addition.await.unwrap();
    assert_eq!((status.as_u16(), &problem["type"]), (503, &json!("/problems/unavailable")));
    lock.rollback().await.unwrap();
    cart.stop().await;
    shop.end().await;
}

#[tokio::test]
async fn one_signal_ends_the_process_within_its_time_whatever_is_open() {
    let home = tempfile::tempdir().unwrap();
    let (servers, namespace) = (administration().await, own_namespace());
    let everything = Everything::new(servers, home.path(), &namespace);
    let mut process = everything.command().env("CARTWHEEL_STOP_SECONDS", "8").spawn().unwrap();
    eventually("ready", TIMEOUT, async || {
        let ready = reqwest::get(format!("{}/cart/health/delivery", everything.url())).await.ok()?;
        ready.status().is_success().then_some(())
    })
    .await;
    let open = half_sent(&everything.url(), 100).await;
    let pid = process.id().unwrap().to_string();
    let signalled = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    let ended = tokio::time::timeout(TIMEOUT, process.wait()).await.expect("it ends after one signal");
    assert!(ended.unwrap().success());
    // What isn't its own time: the machine's, and that of the servers that are not its own.
    assert!(signalled.elapsed() < Duration::from_secs(8 + 5), "{:?}", signalled.elapsed());
    drop(open);
}
