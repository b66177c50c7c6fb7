use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::collection::vec;
use proptest::prelude::*;

use super::cart::Contribution;
use super::pairs::PairSum;
use super::*;

mod ease;
mod exactness;
mod limits;
mod suggestions;

const FIRST: i64 = 1_790_000_000;

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(FIRST + 3600 * hours, 0).unwrap()
}

/// A cart and its version, which makes the changes of its history.
struct CartHistory {
    id: Uuid,
    version: i64,
}

impl CartHistory {
    fn new(id: u128) -> Self {
        Self { id: Uuid::from_u128(id), version: 0 }
    }

    fn change(&mut self, hours: i64, what: CartChangeKind) -> Change {
        self.version += 1;
        Change::Cart(CartChange { cart: self.id, version: self.version, at: at(hours), what })
    }

    fn add(&mut self, hours: i64, sku: &str) -> Change {
        self.change(hours, CartChangeKind::Added { sku: sku.into() })
    }

    fn remove(&mut self, hours: i64, sku: &str) -> Change {
        self.change(hours, CartChangeKind::Removed { sku: sku.into() })
    }
}

fn product(sku: &str, what: ProductChangeKind) -> Change {
    Change::Product(ProductChange { sku: sku.into(), what })
}

fn named(sku: &str, name: &str) -> Change {
    product(sku, ProductChangeKind::Named { name: name.into() })
}

/// A model that learned carts, all at the same time. Each is given by what is in it.
fn model_of(carts: &[&[&str]]) -> Model {
    let mut model = Model::default();
    for (number, skus) in carts.iter().enumerate() {
        let mut cart = CartHistory::new(number as u128 + 1);
        for sku in *skus {
            model.learn(&named(sku, sku));
            model.learn(&cart.add(0, sku));
        }
    }
    model
}

/// Every sum by SKUs, relative to a cart of one product at the first hour: models may have numbered their products
/// differently, and have their weights on another scale.
fn sums(model: &Model) -> BTreeMap<(String, String), (f64, u32)> {
    let list = model.learned.products.list();
    let sku = |product: usize| list[product].sku.to_string();
    let one =
        model.learned.sums.weight_of(&Contribution { products: vec![], hour: at(0).into(), share: 1.0 });
    let mut all = BTreeMap::new();
    for (number, sums) in model.learned.sums.products().iter().enumerate() {
        if sums.carts > 0 {
            all.insert((sku(number), String::new()), (sums.weight / one.long, sums.carts));
            all.insert((sku(number), "recently".into()), (sums.recent / one.recent, sums.carts));
        }
        for (other, PairSum { weight, carts }) in sums.pairs.iter() {
            all.insert((sku(number), sku(other.index())), (weight / one.long, carts));
        }
    }
    all
}

fn assert_same(one: &Model, other: &Model) {
    let (one, other) = (sums(one), sums(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (pair, (weight, carts)) in &one {
        let (expected, expected_carts) = other[pair];
        assert_eq!(*carts, expected_carts, "{pair:?}");
        assert!((weight - expected).abs() <= 1e-9, "{pair:?}: {weight} and {expected}");
    }
}
