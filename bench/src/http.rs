use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::samples::Samples;

/// The number of carts to ask about.
const CARTS: usize = 100;
/// The number of products in each of them.
const CART_SIZE: usize = 6;

#[derive(clap::Args)]
pub struct Options {
    /// The address of a running shop
    #[arg(long)]
    url: String,

    /// Requests per second; every second one is about a cart
    #[arg(long, default_value_t = 2000)]
    rate: u32,

    /// How long to measure, in seconds
    #[arg(long, default_value_t = 20)]
    seconds: u32,
}

/// What to ask: a URL, and a cart's token for a question about a cart.
type Question = (String, Option<String>);

pub fn run(options: &Options) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(ask(options))
}

async fn ask(options: &Options) -> anyhow::Result<()> {
    let client = endpoint::client(Duration::from_secs(30))?;
    let skus = skus(&client, &options.url).await?;
    let mut questions = Vec::new();
    for (number, sku) in skus.iter().enumerate().take(10 * CARTS) {
        questions.push((format!("{}/products/{sku}/related", options.url), None));
        if number % 10 == 0 {
            let cart =
                cart(&client, &options.url, skus.iter().cycle().skip(number).step_by(7).take(CART_SIZE))
                    .await?;
            questions.extend(std::iter::repeat_n(cart, 10));
        }
    }
    // Gives recommend the time to learn what is in the carts.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let questions: Arc<[Question]> = questions.into();
    let (send, mut answers) = mpsc::unbounded_channel();
    let start = tokio::time::Instant::now();
    for number in 0..options.rate * options.seconds {
        // A request that is sent late counts from when it should have been sent, so that waiting for an earlier one is
        // not left out.
        let due = start + Duration::from_secs(1) * number / options.rate;
        tokio::time::sleep_until(due).await;
        let (client, questions, send) = (client.clone(), questions.clone(), send.clone());
        tokio::spawn(async move {
            let (url, token) = &questions[number as usize % questions.len()];
            let request = client.get(url);
            let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
            let answered = async { request.send().await?.error_for_status()?.bytes().await }.await;
            let _ = send.send((token.is_some(), answered.is_ok(), due.elapsed()));
        });
    }
    drop(send);
    let (mut products, mut carts, mut failed) = (Samples::default(), Samples::default(), 0);
    while let Some((is_cart, succeeded, took)) = answers.recv().await {
        failed += u32::from(!succeeded);
        if is_cart { carts.add(took) } else { products.add(took) }
    }
    println!("{} requests a second for {} s, {failed} failed", options.rate, options.seconds);
    println!("what goes with a product: {products}");
    println!("what goes with a cart:    {carts}");
    Ok(())
}

async fn skus(client: &Client, url: &str) -> anyhow::Result<Vec<String>> {
    let answer: Value = client.get(format!("{url}/products?limit=100")).send().await?.json().await?;
    let products = answer["products"].as_array().context("the catalog returned no products")?;
    let skus: Vec<String> =
        products.iter().filter_map(|product| product["sku"].as_str()).map(str::to_owned).collect();
    ensure!(skus.len() >= CART_SIZE, "the shop has too few products; start one with './cartwheel demo'");
    Ok(skus)
}

/// Opens a cart with these products. Returns the question about it.
async fn cart(client: &Client, url: &str, skus: impl Iterator<Item = &String>) -> anyhow::Result<Question> {
    let opened: Value = client.post(format!("{url}/carts")).send().await?.json().await?;
    let (id, token) = (
        opened["id"].as_str().context("the answer has no cart id")?,
        opened["token"].as_str().context("the answer has no token")?,
    );
    for sku in skus {
        let item = json!({"sku": sku, "quantity": 1});
        let request = client.post(format!("{url}/carts/{id}/items")).bearer_auth(token).json(&item);
        request.send().await?.error_for_status()?;
    }
    Ok((format!("{url}/carts/{id}/suggestions"), Some(token.to_owned())))
}
