//! An hour of a real shop: the busiest in what the demo replays.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use flate2::read::GzDecoder;
use uuid::Uuid;

const BASKETS: &[u8] = include_bytes!("../../../verify/data/baskets.csv.gz");
const PRODUCTS: &[u8] = include_bytes!("../../../verify/data/products.csv.gz");
/// The data has one time for all lines of a basket: they follow each other at this distance.
const BETWEEN_LINES: TimeDelta = TimeDelta::seconds(7);

/// A line of a basket, as an addition to a cart.
#[derive(Clone)]
pub struct Addition {
    pub cart: Uuid,
    pub sku: String,
    pub quantity: i64,
    pub price: i64,
    pub time: DateTime<Utc>,
}

/// The additions of the hour with the most lines, moved so that it begins at this time.
pub fn busiest_hour(begins: DateTime<Utc>) -> Vec<Addition> {
    let (prices, mut hours) = (prices(), BTreeMap::<String, Vec<Addition>>::new());
    let (mut cart, mut time) = (Uuid::nil(), NaiveDateTime::default());
    for row in unpacked(BASKETS).lines().skip(1) {
        let [basket, at, _, _, sku, quantity] = row.split(',').collect::<Vec<_>>().try_into().unwrap();
        if basket.is_empty() {
            time += BETWEEN_LINES;
        } else {
            cart = Uuid::new_v4();
            time = NaiveDateTime::parse_from_str(at, "%Y-%m-%dT%H:%M").unwrap();
        }
        let hour = time.format("%Y-%m-%d %H").to_string();
        let into = time.and_utc().timestamp() % 3600;
        hours.entry(hour).or_default().push(Addition {
            cart,
            sku: sku.to_owned(),
            quantity: quantity.parse().unwrap(),
            price: prices[sku],
            time: begins + TimeDelta::seconds(into),
        });
    }
    hours.into_values().max_by_key(Vec::len).unwrap()
}

fn prices() -> BTreeMap<String, i64> {
    let price = |row: &str| {
        let (rest, price) = row.rsplit_once(',')?;
        Some((rest.split_once(',')?.0.to_owned(), price.parse().ok()?))
    };
    unpacked(PRODUCTS).lines().skip(1).map(|row| price(row).unwrap()).collect()
}

fn unpacked(packed: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text
}
