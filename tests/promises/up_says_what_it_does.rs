//! Whoever starts or stops a shop is told what is going on, from the first moment to the last.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::harness::{Everything, administration, own_namespace};

/// `cartwheel up` with servers of its own.
fn up(home: &Path) -> Command {
    let mut command = Command::new(testkit::cartwheel_binary());
    command.args(["up", "--listen", "127.0.0.1:0", "--home"]).arg(home).env("CARTWHEEL_STOP_SECONDS", "12");
    for given in [servers::RABBITMQ_URL, servers::MANAGEMENT_URL, servers::POSTGRES_URL] {
        command.env_remove(given);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn until_it_is_up(shop: &mut Child) {
    let mut printed = BufReader::new(shop.stdout.take().unwrap()).lines();
    while let Some(line) = printed.next_line().await.unwrap() {
        if line.starts_with("Ctrl-C stops") {
            return;
        }
    }
    panic!("it did not come up");
}

#[tokio::test]
async fn the_first_line_comes_before_any_server_answers() {
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (home, namespace) = (tempfile::tempdir().unwrap(), own_namespace());
    let mut servers = administration().await;
    servers.rabbitmq = format!("amqp://guest:guest@{}", silent.local_addr().unwrap());
    let everything = Everything::new(servers, home.path(), &namespace);
    let mut shop = everything.command().stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(shop.stderr.take().unwrap()).lines();
    let first = said.next_line().await.unwrap().unwrap();
    assert_eq!(first, format!("starting a shop with its data in {}", home.path().display()));
    assert_eq!(said.next_line().await.unwrap().unwrap(), "looking for RabbitMQ at its URL …");
    shop.kill().await.unwrap();
}

/// A request whose body never comes, so that the shop has something to finish.
async fn begin_a_request(shop: &str) -> TcpStream {
    let mut connection = TcpStream::connect(shop.trim_start_matches("http://")).await.unwrap();
    let headers = "POST /carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\
                   Expect: 100-continue\r\n\r\n";
    connection.write_all(headers.as_bytes()).await.unwrap();
    let (mut said, expected) = ([0; 25], b"HTTP/1.1 100 Continue\r\n\r\n");
    connection.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, expected, "it waits for the body");
    connection
}

#[tokio::test]
async fn ctrl_c_is_followed_by_what_is_stopped_and_what_that_waits_for_to_the_end() {
    let home = tempfile::tempdir().unwrap();
    let mut shop = up(home.path()).spawn().unwrap();
    until_it_is_up(&mut shop).await;
    let connections = std::fs::read(home.path().join("connections.json")).unwrap();
    let connections: Value = serde_json::from_slice(&connections).unwrap();
    let request = begin_a_request(connections["url"].as_str().unwrap()).await;
    let pid = shop.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    let mut said = String::new();
    shop.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    assert!(shop.wait().await.unwrap().success(), "{said}");
    drop(request);
    let stopping = "stopping the services, which finish what they have begun";
    let expected = [
        format!("{stopping} …"),
        format!("  still {stopping}: 5 s"),
        "stopping the servers that were started …".to_owned(),
    ];
    let mut lines = said.lines();
    for line in &expected {
        assert!(lines.any(|said| said == line), "{line}, in its turn, in:\n{said}");
    }
}
