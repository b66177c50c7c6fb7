use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A recorded basket.
pub struct Basket {
    pub id: String,
    /// When it was bought. All the same if nothing is said of times.
    pub time: DateTime<Utc>,
    /// Each product once.
    pub items: Vec<Arc<str>>,
}

/// A question about a basket.
#[derive(Deserialize)]
pub struct Query {
    #[serde(rename = "query_id")]
    pub id: String,
    basket_id: String,
    /// The product that is looked for.
    pub target: String,
    /// The one product that may be known in task B.
    pub seed: String,
}

#[derive(Deserialize)]
struct CsvRow {
    basket_id: String,
    item: String,
    time: Option<String>,
}

/// Reads baskets, in the order in which they happened; those of one time in the file's order.
pub fn read_baskets(path: &Path) -> anyhow::Result<Vec<Basket>> {
    let mut baskets: Vec<Basket> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut products: HashSet<Arc<str>> = HashSet::new();
    for (number, line) in rows::<CsvRow>(path)?.enumerate() {
        let line = line.with_context(|| format!("{} can't be read", path.display()))?;
        let place = *places.entry(line.basket_id.clone()).or_insert(baskets.len());
        if place == baskets.len() {
            let time = line.time.as_deref().filter(|time| !time.is_empty());
            let time = time.map_or(Some(DateTime::UNIX_EPOCH), parse_time).with_context(|| {
                // Behind the header, and counted from 1.
                format!(
                    "{}: row {}: the time '{}' can't be read; write 2026-03-02 14:05:00",
                    path.display(),
                    number + 2,
                    time.unwrap_or_default()
                )
            })?;
            baskets.push(Basket { id: line.basket_id, time, items: Vec::new() });
        }
        let product = products.get(line.item.as_str()).cloned().unwrap_or_else(|| line.item.into());
        products.insert(product.clone());
        baskets[place].items.push(product);
    }
    for basket in &mut baskets {
        let mut seen = HashSet::new();
        basket.items.retain(|item| seen.insert(item.clone()));
    }
    baskets.sort_by_key(|basket| basket.time);
    Ok(baskets)
}

/// Reads queries: those of each basket, in the baskets' order.
pub fn read_queries(path: &Path, baskets: &[Basket]) -> anyhow::Result<Vec<Vec<Query>>> {
    let places: HashMap<&str, usize> =
        baskets.iter().enumerate().map(|(place, basket)| (basket.id.as_str(), place)).collect();
    let mut queries: Vec<Vec<Query>> = baskets.iter().map(|_| Vec::new()).collect();
    for query in rows::<Query>(path)? {
        let query = query.with_context(|| format!("{} can't be read", path.display()))?;
        match places.get(query.basket_id.as_str()) {
            Some(place) => queries[*place].push(query),
            None => bail!(
                "{}: query {} is about basket {}, which the test baskets don't have",
                path.display(),
                query.id,
                query.basket_id
            ),
        }
    }
    Ok(queries)
}

fn rows<T: DeserializeOwned + 'static>(path: &Path) -> anyhow::Result<impl Iterator<Item = csv::Result<T>>> {
    let file = File::open(path).with_context(|| format!("{} can't be opened", path.display()))?;
    let file = BufReader::new(file);
    let reader: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(csv::Reader::from_reader(reader).into_deserialize())
}

fn parse_time(time: &str) -> Option<DateTime<Utc>> {
    let precise = DateTime::parse_from_rfc3339(time).map(|time| time.to_utc()).ok();
    let plain = || NaiveDateTime::parse_from_str(&time.replacen('T', " ", 1), "%Y-%m-%d %H:%M:%S").ok();
    let day = || NaiveDate::parse_from_str(time, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    precise.or_else(|| plain().or_else(day).map(|time| time.and_utc()))
}
