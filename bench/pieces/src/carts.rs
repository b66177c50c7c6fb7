use std::collections::HashMap;
use std::hint::black_box;

use cart::cart::{Cart, Command, Limits, Product, Surroundings};
use events::Money;
use iso_currency::Currency;
use uuid::Uuid;

use crate::Piece;

const LIMITS: Limits = Limits { quantity: i64::MAX, lines: 2_000, value: None };

fn add(sku: usize) -> Command {
    Command::Add { sku: format!("sku-{sku}"), quantity: 2 }
}

fn products(skus: impl Iterator<Item = usize>) -> HashMap<String, Product> {
    let price = Money { amount: 295, currency: Currency::GBP };
    let product = Product { name: "WHITE HANGING HEART T-LIGHT HOLDER".into(), price, retired: false };
    skus.map(|sku| (format!("sku-{sku}"), product.clone())).collect()
}

/// Decides on an addition and folds what was decided in.
fn add_to(cart: &mut Cart, command: &Command, products: &HashMap<String, Product>) {
    let surroundings = Surroundings { products, limits: LIMITS, other: None };
    let decision = cart.decide(Uuid::from_u128(7), command, surroundings).unwrap_or_default();
    for fact in decision.facts {
        cart.apply(cart.version + 1, &fact);
    }
}

fn with_lines(lines: usize) -> Cart {
    let mut cart = Cart::default();
    let products = products(0..lines);
    (0..lines).for_each(|line| add_to(&mut cart, &add(line), &products));
    cart
}

/// An addition to a line of a cart of this length.
fn addition(name: &'static str, lines: usize) -> Piece {
    let line = lines / 2;
    let (mut cart, command, products) = (with_lines(lines), add(line), products(line..=line));
    Piece::new(name, move || {
        add_to(&mut cart, black_box(&command), black_box(&products));
    })
}

pub(crate) fn pieces() -> Vec<Piece> {
    vec![
        Piece::new("a cart of 100 lines is decided and folded", || {
            black_box(with_lines(black_box(100)));
        }),
        addition("an addition to a cart of 10 lines", 10),
        addition("an addition to a cart of 2,000 lines", 2_000),
    ]
}
