//! Who doesn't read its stream loses it, and with it the place that it took; whoever reads is told everything.

use std::net::SocketAddr;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::Child;

use crate::harness::{Everything, TIMEOUT, administration, own_namespace};

/// As many as one message may be behind another for a reader that reads: fewer than wait for it at most.
const PRODUCTS: usize = 40;
/// Enough to fill the buffers of a connection, on both its sides, many times.
const MOST_ROUNDS: usize = 1000;

async fn start(everything: &Everything<'_>) -> Child {
    let mut command = everything.command();
    command.envs([("CARTWHEEL_LIVE_STREAMS", "2"), ("CARTWHEEL_HTTP_REQUEST_SECONDS", "5")]);
    let process = command.spawn().unwrap();
    for what in ["web/openapi.json", "catalog/health/delivery"] {
        servers::ready::until_success(&format!("{}/{what}", everything.url()), TIMEOUT).await.unwrap();
    }
    process
}

/// The path of a stream of all products.
fn stream() -> String {
    let skus: Vec<String> = (0..PRODUCTS).map(|product| format!("sku=P{product}")).collect();
    format!("/live?{}", skus.join("&"))
}

/// Opens a stream over a connection with small buffers, and reads no further than its headers.
async fn slow_reader(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut connection = socket.connect(address).await.unwrap();
    let request = format!("GET {} HTTP/1.1\r\nHost: shop\r\n\r\n", stream());
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut begun = Vec::new();
    while !begun.ends_with(b"\r\n\r\n") {
        begun.push(connection.read_u8().await.unwrap());
    }
    assert!(begun.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&begun));
    connection
}

/// Changes all products once more: each event has kilobytes.
async fn change_products(everything: &Everything<'_>, key: &str, round: usize) {
    let price = json!({"amount": 250, "currency": "GBP"});
    let description = format!("{round} {}", "long ".repeat(780));
    let products: Vec<Value> = (0..PRODUCTS)
        .map(|product| json!({"sku": format!("P{product}"), "name": "Lantern", "price": price, "description": description}))
        .collect();
    let import = Client::new().post(format!("{}/products/import", everything.url())).bearer_auth(key);
    import.json(&products).send().await.unwrap().error_for_status().unwrap();
}

/// Reads on until so many products have changed in all.
async fn read_on(reader: &mut Response, text: &mut String, changes: usize) {
    let reading = async {
        while text.matches("event: product-changed\n").count() < changes {
            let chunk = reader.chunk().await.unwrap().expect("the stream of who reads goes on");
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    tokio::time::timeout(TIMEOUT, reading).await.expect("who reads is told");
}

async fn is_there_room(everything: &Everything<'_>) -> bool {
    let answer = Client::new().get(format!("{}{}", everything.url(), stream())).send().await.unwrap();
    answer.status() == StatusCode::OK
}

#[tokio::test]
async fn and_others_are_told_everything() {
    let (home, namespace) = (tempfile::tempdir().unwrap(), own_namespace());
    let everything = Everything::new(administration().await, home.path(), &namespace);
    let _process = start(&everything).await;
    let key =
        cartwheel::up::secrets::Secrets::load_or_create(&home.path().join("secrets.json")).unwrap().admin_key;
    let mut slow = slow_reader(everything.address).await;
    let mut quick = Client::new().get(format!("{}{}", everything.url(), stream())).send().await.unwrap();
    assert!(!is_there_room(&everything).await, "both places are taken");
    let (mut text, mut rounds) = (String::new(), 0);
    while !is_there_room(&everything).await {
        rounds += 1;
        assert!(rounds < MOST_ROUNDS, "the slow reader keeps its place");
        change_products(&everything, &key, rounds).await;
        read_on(&mut quick, &mut text, rounds * PRODUCTS).await;
    }
    assert!(!text.contains("event: reset"), "nothing was missed");

    let mut received = Vec::new();
    // A reset is an end, too.
    let _ =
        tokio::time::timeout(TIMEOUT, slow.read_to_end(&mut received)).await.expect("its connection ends");
    let received = String::from_utf8_lossy(&received).matches("event: product-changed\n").count();
    assert!(received < rounds * PRODUCTS, "it was told {received} of {} changes", rounds * PRODUCTS);
}
