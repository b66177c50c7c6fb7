use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use envelope::Clock;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use crate::samples::Samples;

/// How many streams a cart has: its shopper's windows.
const WINDOWS: usize = 2;
/// How long the last messages may take.
const LAST: Duration = Duration::from_secs(3);

#[derive(clap::Args)]
pub struct Options {
    /// The address of a running shop
    #[arg(long)]
    url: String,

    /// How many streams to keep open
    #[arg(long, default_value_t = 5000)]
    streams: usize,

    /// Additions per second, to all carts in turn; what follows from them comes on top
    #[arg(long, default_value_t = 50)]
    rate: u32,

    /// How long to measure, in seconds
    #[arg(long, default_value_t = 30)]
    seconds: u32,

    /// The process that serves the streams, to measure its memory
    #[arg(long)]
    pid: Option<u32>,
}

struct Cart {
    id: String,
    token: String,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    endpoint::tls::provide();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(follow(options))
}

async fn follow(options: &Options) -> anyhow::Result<()> {
    let client = Client::new();
    let url = options.url.trim_end_matches('/');
    let found: Value = client.get(format!("{url}/products?limit=200")).send().await?.json().await?;
    let skus: Vec<&str> = found["products"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|product| product["sku"].as_str())
        .collect();
    ensure!(!skus.is_empty(), "the shop sells nothing: load its sample catalogue first");

    let (send, mut received) = mpsc::unbounded_channel();
    let mut carts = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..options.streams.div_ceil(WINDOWS) {
        let opened: Value =
            client.post(format!("{url}/carts")).send().await?.error_for_status()?.json().await?;
        let text = |name: &str| opened[name].as_str().map(str::to_owned).context("no cart");
        carts.push(Cart { id: text("id")?, token: text("token")? });
    }
    let before = memory(options.pid);
    let host = url.trim_start_matches("http://");
    for number in 0..options.streams {
        let cart = &carts[number / WINDOWS];
        let asked = client
            .post(format!("{url}/live/tickets"))
            .bearer_auth(&cart.token)
            .json(&json!({"cart_id": cart.id}));
        let ticket: Value = asked.send().await?.error_for_status()?.json().await?;
        let path = ticket["url"].as_str().context("no address")?.to_owned();
        streams.push(tokio::spawn(stream(host.to_owned(), path, send.clone())));
    }
    sleep(LAST).await;
    let open = streams.iter().filter(|stream| !stream.is_finished()).count();
    println!("streams open: {open} of {}", options.streams);
    if let (Some(before), Some(after)) = (before, memory(options.pid)) {
        let each = after.saturating_sub(before) as f64 / options.streams as f64;
        println!("memory of the process: {before} kB before, {after} kB with all of them: {each:.1} kB each");
    }

    drop(send);
    let collected = tokio::spawn(async move {
        let mut samples = Samples::default();
        while let Some(latency) = received.recv().await {
            samples.add(latency);
        }
        samples
    });
    let start = Instant::now();
    for number in 0..options.rate * options.seconds {
        sleep_until(start + Duration::from_secs(1) * number / options.rate).await;
        let cart = &carts[number as usize * 7 % carts.len()];
        let item = json!({"sku": skus[number as usize % skus.len()], "quantity": 1});
        let add = client.post(format!("{url}/carts/{}/items", cart.id)).bearer_auth(&cart.token).json(&item);
        tokio::spawn(add.send());
    }
    sleep(LAST).await;
    let open = streams.iter().filter(|stream| !stream.is_finished()).count();
    println!("streams still open: {open}");
    streams.iter().for_each(JoinHandle::abort);
    println!("from an event's time to each of its cart's streams: {}", collected.await?);
    Ok(())
}

/// Reads a stream until it ends, and says how long each message took since its event happened.
async fn stream(host: String, path: String, send: UnboundedSender<Duration>) -> anyhow::Result<()> {
    let mut connection = TcpStream::connect(&host).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut part = vec![0; 4096];
    loop {
        let length = connection.read(&mut part).await?;
        ensure!(length > 0, "the stream ended");
        let now = Clock::system().now();
        let text = String::from_utf8_lossy(&part[..length]).into_owned();
        for time in text.split("\"time\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let Ok(time) = time.parse::<DateTime<Utc>>() else { continue };
            let _ = send.send((now - time).to_std().unwrap_or_default());
        }
    }
}

/// What a process has in memory, in kB.
fn memory(pid: Option<u32>) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid?)).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
