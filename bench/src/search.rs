use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use flate2::read::GzDecoder;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use service::Lifecycle;
use testkit::{ADMIN_KEY, NO_BROKER, RestApi, TestSpace};

use crate::memory;
use crate::samples::Samples;

const PRODUCTS: &[u8] = include_bytes!("../../crates/verify/data/products.csv.gz");
const QUERIES: &[u8] = include_bytes!("../../crates/catalog/tests/it/searching/queries.csv");
const ROUNDS: usize = 10;
const COLOURS: [&str; 7] = ["red", "blue", "green", "white", "black", "ivory", "pink"];
const MATERIALS: [&str; 5] = ["tin", "glass", "wood", "paper", "cotton"];
/// Searches that find many products, and those without words.
const BROAD: [&str; 12] = [
    "",
    "sort=price",
    "sort=newest",
    "category=Range-3",
    "attribute=colour:red&sort=name",
    "q=se",
    "q=s",
    "q=red",
    "q=set",
    "q=heart",
    "q=bag&attribute=colour:red",
    "q=christmas&sort=price",
];

/// Imports a catalogue from a file, and searches it: what each search takes over HTTP, with facets.
#[tokio::main]
pub async fn run(products: usize) -> anyhow::Result<()> {
    let space = TestSpace::new(testkit::servers().await).await;
    let settings: catalog::Settings = testkit::settings(&space.database("catalog").await, NO_BROKER, &[]);
    let lifecycle = Lifecycle::default();
    let rest_api = start(&settings, &lifecycle).await?;
    import(&rest_api, products).await?;
    let rest_api = start_and_search(&settings, &lifecycle, products).await?;

    let mut texts: Vec<String> = Vec::new();
    for query in csv::Reader::from_reader(QUERIES).into_records() {
        let text = query?.get(0).unwrap_or_default().replace(' ', "%20");
        texts.push(format!("q={text}"));
        let letters: Vec<char> = text.chars().take_while(char::is_ascii_alphanumeric).collect();
        texts.extend(
            (2..=letters.len().min(5))
                .map(|length| format!("q={}", letters[..length].iter().collect::<String>())),
        );
    }
    texts.extend(BROAD.map(str::to_owned));
    let mut all = Samples::default();
    let mut slowest: Vec<(Duration, u64, &str)> = Vec::new();
    for text in &texts {
        let (mut samples, mut total) = (Vec::new(), 0);
        for _ in 0..ROUNDS {
            let (took, found) = search(&rest_api, text).await?;
            all.add(took);
            samples.push(took);
            total = found;
        }
        samples.sort_unstable();
        slowest.push((samples[ROUNDS / 2], total, text));
    }
    println!("searches of {products} products, with facets: {all}");
    slowest.sort_unstable_by(|one, other| other.cmp(one));
    for (median, total, text) in slowest.iter().take(15) {
        println!("  {median:.1?} for {total} products: {text}");
    }
    lifecycle.finish().await
}

async fn start(settings: &catalog::Settings, lifecycle: &Lifecycle) -> anyhow::Result<RestApi> {
    Ok(RestApi::serve(catalog::start(settings, Arc::new(()), lifecycle).await?, lifecycle).await)
}

/// An instance learns what searches need to know of the products.
async fn start_and_search(
    settings: &catalog::Settings,
    lifecycle: &Lifecycle,
    products: usize,
) -> anyhow::Result<RestApi> {
    let memory = || memory::now_and_peak().map_or(0, |(now, _)| now);
    let (before, began) = (memory(), Instant::now());
    let rest_api = start(settings, lifecycle).await?;
    search(&rest_api, "").await?;
    let (took, more) = (began.elapsed(), memory().saturating_sub(before));
    println!("an instance answers searches after {took:.1?}; {more} MB more memory for {products} products");
    Ok(rest_api)
}

async fn import(rest_api: &RestApi, products: usize) -> anyhow::Result<()> {
    let start = Instant::now();
    let url = format!("{}/imports", rest_api.url);
    let request = Client::new().post(url).bearer_auth(ADMIN_KEY).header("content-type", "application/jsonl");
    let report: Value = request.body(file(products)?).send().await?.json().await?;
    ensure!(report["refused"] == 0, "{report}");
    println!("{products} products received: {:.1?}", start.elapsed());
    let path = format!("/imports/{}", report["id"].as_str().unwrap_or_default());
    loop {
        let (_, import) = rest_api.send(Method::GET, &path, Some(ADMIN_KEY), None).await;
        if import["finished"] == true {
            println!("{products} products imported: {:.1?}", start.elapsed());
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The products of a real shop, again and again with other words behind their names.
fn file(products: usize) -> anyhow::Result<String> {
    let rows =
        csv::Reader::from_reader(GzDecoder::new(PRODUCTS)).into_records().collect::<Result<Vec<_>, _>>()?;
    let mut file = String::new();
    for (number, row) in rows.iter().cycle().take(products).enumerate() {
        let copy = number / rows.len();
        let amount: i64 = row[2].parse()?;
        let suffix = if copy == 0 {
            String::new()
        } else {
            format!(" {} edition{copy}", MATERIALS[copy % MATERIALS.len()])
        };
        let product = json!({
            "sku": format!("{}-{copy}", &row[0]), "name": format!("{}{suffix}", &row[1]),
            "price": {"amount": amount + 5 * i64::try_from(copy)?, "currency": "GBP"},
            "categories": [format!("Range-{}/Shelf-{}", copy % 9, number % 40)],
            "attributes": {"material": MATERIALS[number % MATERIALS.len()]},
            "options": {"colour": COLOURS[number % COLOURS.len()]},
        });
        file.push_str(&product.to_string());
        file.push('\n');
    }
    Ok(file)
}

async fn search(rest_api: &RestApi, query: &str) -> anyhow::Result<(Duration, u64)> {
    let start = Instant::now();
    let (status, page) =
        rest_api.send(Method::GET, &format!("/products/search?facets=true&{query}"), None, None).await;
    ensure!(status.is_success(), "{query}: {page}");
    Ok((start.elapsed(), page["total"].as_u64().unwrap_or(0)))
}
