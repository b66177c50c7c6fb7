use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use recommend::model::{CartChange, CartChangeKind, Change, Model, ProductChange, ProductChangeKind};
use uuid::Uuid;

use crate::memory;

/// The number of carts for each product, and of products in a cart: about as in the wholesaler's data.
const CARTS_PER_PRODUCT: u32 = 4;
const CART: u32 = 12;

/// Learns made-up carts: a few products are in many of them, and most in few; each cart is about one kind of thing.
pub fn learned(products: u32) -> Model {
    let mut random = StdRng::seed_from_u64(1);
    let mut model = Model::default();
    for number in 0..products {
        let what = ProductChangeKind::Named { name: format!("product {number}") };
        model.learn(&Change::Product(ProductChange { sku: number.to_string(), what }));
    }
    for cart in 0..products * CARTS_PER_PRODUCT {
        let kind = random.random_range(0..products);
        let id = Uuid::from_u128(cart.into());
        let mut change = |version, what| {
            let at = std::time::SystemTime::UNIX_EPOCH.into();
            model.learn(&Change::Cart(CartChange { cart: id, version, at, what }));
        };
        for version in 1..=CART {
            let near: f64 = random.random();
            let popular: f64 = random.random();
            let product = if version % 3 == 0 {
                (popular.powi(4) * f64::from(products)) as u32
            } else {
                (kind + (near.powi(3) * 200.0) as u32) % products
            };
            change(version.into(), CartChangeKind::Added { sku: product.to_string() });
        }
        change((CART + 1).into(), CartChangeKind::Closed);
    }
    model
}

pub fn run(products: u32) {
    let start = Instant::now();
    let mut model = learned(products);
    println!("{} carts learned in {:.1?}", products * CARTS_PER_PRODUCT, start.elapsed());
    let pairs: usize = model.sums().products().iter().map(|sums| sums.pairs.len()).sum();
    println!("{products} products, {} pairs", pairs / 2);
    memory::print();
    let start = Instant::now();
    model.refresh(usize::MAX);
    println!("all neighbours computed in {:.1?}", start.elapsed());
    memory::print();
}
