//! What people would search for in a real shop, and what they should find among the first five. The searches stood there
//! before the ranking did.

use std::collections::BTreeMap;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::support::{Catalog, product};

const QUERIES: &[u8] = include_bytes!("queries.csv");
/// The demo's catalogue; see its README for where it comes from.
const PRODUCTS: &[u8] = include_bytes!("../../../../verify/data/products.csv.gz");

fn products() -> Vec<Value> {
    let rows = csv::Reader::from_reader(GzDecoder::new(PRODUCTS)).into_records().map(Result::unwrap);
    rows.map(|row| product(&row[0], &row[1], row[2].parse().unwrap())).collect()
}

#[tokio::test]
async fn nine_of_ten_searches_find_what_they_should_among_the_first_five() {
    let catalog = Catalog::with(&products()).await;
    let mut failed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let queries: Vec<_> = csv::Reader::from_reader(QUERIES).into_records().map(Result::unwrap).collect();
    for query in &queries {
        let text: String = url::form_urlencoded::byte_serialize(query[0].as_bytes()).collect();
        let page = catalog.search(&format!("limit=5&q={text}")).await;
        let found = page["products"].as_array().unwrap();
        let is_expected = |product: &Value| query[1].split(' ').any(|sku| product["sku"] == sku);
        if !found.iter().any(is_expected) {
            let names = found.iter().map(|product| format!("{} {}", product["sku"], product["name"]));
            failed.insert(query[0].to_owned(), names.collect());
        }
    }
    println!("{} of {} failed: {failed:#?}", failed.len(), queries.len());
    assert_eq!(queries.len(), 50);
    assert!(failed.len() <= 5, "{} of {} failed: {failed:#?}", failed.len(), queries.len());
}
