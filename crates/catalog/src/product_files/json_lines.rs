use chrono::{DateTime, Utc};
use events::Money;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::read::{Fault, Read};
use crate::product::{Details, Draft, Product};

/// A product as an import takes it.
#[derive(Serialize)]
struct Line<'a> {
    sku: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    price: Money,
    #[serde(flatten)]
    details: &'a Details,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_from: Option<DateTime<Utc>>,
}

/// Reads a product from each line that is not blank.
pub fn read_json_lines<T: DeserializeOwned + Into<Draft>>(file: &[u8]) -> Read {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut read = Read::default();
    for (text, line) in file.split(|byte| *byte == b'\n').zip(1..) {
        if !text.trim_ascii().is_empty() {
            read.take(line, draft::<T>(text, line));
        }
    }
    read
}

/// A product as a line of a file.
pub fn write_json_line(product: &Product) -> serde_json::Result<Vec<u8>> {
    let line = Line {
        sku: product.sku(),
        name: product.name(),
        description: product.description(),
        price: product.price(),
        details: product.details(),
        published_from: product.published_from(),
    };
    let mut line = serde_json::to_vec(&line)?;
    line.push(b'\n');
    Ok(line)
}

fn draft<T: DeserializeOwned + Into<Draft>>(text: &[u8], line: u64) -> Result<Draft, Fault> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let entry: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let is_of_field = error.inner().is_data() && error.path().iter().next().is_some();
        let field = is_of_field.then(|| error.path().to_string());
        Fault::new(line, field, error.into_inner().to_string())
    })?;
    json.end().map_err(|error| Fault::new(line, None, error.to_string()))?;
    Ok(entry.into())
}
