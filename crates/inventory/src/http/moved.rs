use std::collections::BTreeMap;

/// Pieces that come to a location, or leave it.
#[derive(Clone, Debug)]
pub(super) struct Moved<'a> {
    pub sku: &'a str,
    pub location: &'a str,
    pub pieces: i64,
}

/// Items that all come to one location.
pub(super) fn moved<'a>(items: &'a BTreeMap<String, i64>, location: &'a str) -> Vec<Moved<'a>> {
    items.iter().map(|(sku, pieces)| Moved { sku, location, pieces: *pieces }).collect()
}
